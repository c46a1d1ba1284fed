from cases.helpers.changed_reexport_chain.two import Kind as Kind, go as go
