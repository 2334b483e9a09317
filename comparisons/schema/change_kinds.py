"""What may have changed of a row between two editions of the dataset, as codes."""

KEY_SEPARATOR = " / "
ADDED, CHANGED, COMPLETED, REMOVED = "ajoute", "modifie", "complete", "retire"
# Codes of `nature`, in French.
CHANGE_KINDS = {CHANGED: "Corrigée", ADDED: "Ajoutée", REMOVED: "Retirée", COMPLETED: "Complétée"}
