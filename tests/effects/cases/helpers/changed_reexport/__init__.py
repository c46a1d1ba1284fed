from cases.helpers.changed_reexport.one import go as go
