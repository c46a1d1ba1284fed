"""How a run is told: terminal (a table), document (JSON), page (HTML, with plot, its drawings)."""
