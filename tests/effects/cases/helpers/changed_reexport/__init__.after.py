from cases.helpers.changed_reexport.two import go as go
