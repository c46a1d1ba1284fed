"""Where scenarios run and what is there: the stage that a project has described, looked up."""
