from cases.helpers.changed_reexport_chain.one import Kind as Kind, go as go
