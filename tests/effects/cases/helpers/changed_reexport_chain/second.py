from cases.helpers.changed_reexport_chain.first import Kind as Kind, go as go
