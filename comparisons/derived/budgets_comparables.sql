-- Amounts that may be put side by side: additive rows only (no part of a larger amount), one row
-- per strategy, perimeter, stage, nature, recurrence and period.
CREATE TABLE budgets_comparables AS
SELECT
    b.strategie_id,
    s.territoire_niveau,
    s.territoire_code,
    b.perimetre,
    b.etape,
    b.nature,
    b.recurrence,
    b.annee_debut,
    b.annee_fin,
    sum(b.montant) AS montant,
    p.population,
    round(sum(b.montant) / p.population, 2) AS euros_par_habitant,
    -- per year only from a yearly amount, or from a total whose two years are known
    round(CASE
        WHEN b.recurrence = 'annuel' THEN sum(b.montant) / p.population
        WHEN b.annee_debut IS NOT NULL AND b.annee_fin IS NOT NULL
            THEN sum(b.montant) / p.population / (b.annee_fin - b.annee_debut + 1)
    END, 2) AS euros_par_habitant_par_an
FROM budgets b
JOIN strategies s USING (strategie_id)
JOIN populations_strategies p USING (strategie_id)
WHERE b.inclus_dans IS NULL
GROUP BY b.strategie_id, s.territoire_niveau, s.territoire_code, b.perimetre, b.etape, b.nature,
         b.recurrence, b.annee_debut, b.annee_fin, p.population
ORDER BY ALL;
