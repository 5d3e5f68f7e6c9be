"""How soon and how surely a change of the catalogue is what searches find."""
