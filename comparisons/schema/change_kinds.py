"""Codes of the changes of a row between two editions of the dataset."""

KEY_SEPARATOR = " / "
ADDED, CHANGED, COMPLETED, REMOVED = "ajoute", "modifie", "complete", "retire"
# Codes of `nature`, in French.
CHANGE_KINDS = {CHANGED: "Corrigée", ADDED: "Ajoutée", REMOVED: "Retirée", COMPLETED: "Complétée"}
