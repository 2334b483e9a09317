-- Which territory lies in which, with the share of its people who live there.
-- Everything is counted from the communes, so an EPCI may straddle several départements.
CREATE TABLE appartenances AS
WITH
communes AS (
    SELECT territoire_code, population, region_code, departement_code, epci_code
    FROM territoires WHERE territoire_niveau = 'commune'
),
epci_de_commune AS (
    SELECT territoire_code, population, region_code, departement_code, epci_code
    FROM communes WHERE epci_code IS NOT NULL
    UNION ALL  -- communes of an EPT, and Paris, are members of the Métropole du Grand Paris
    SELECT c.territoire_code, c.population, c.region_code, c.departement_code, '200054781'
    FROM communes c
    JOIN territoires ept
      ON ept.territoire_niveau = 'epci' AND ept.type = 'EPT' AND ept.territoire_code = c.epci_code
),
liens AS (
    SELECT 'commune' AS territoire_niveau, territoire_code, 'epci' AS dans_niveau,
           epci_code AS dans_code, population
    FROM epci_de_commune
    UNION ALL
    SELECT 'commune', territoire_code, 'departement', departement_code, population FROM communes
    UNION ALL
    SELECT 'commune', territoire_code, 'region', region_code, population FROM communes
    UNION ALL
    SELECT 'epci', epci_code, 'departement', departement_code, population FROM epci_de_commune
    UNION ALL
    SELECT 'epci', epci_code, 'region', region_code, population FROM epci_de_commune
    UNION ALL
    SELECT 'departement', departement_code, 'region', region_code, population FROM communes
    UNION ALL
    SELECT 'epci', c.epci_code, 'epci', '200054781', c.population
    FROM communes c
    JOIN territoires ept
      ON ept.territoire_niveau = 'epci' AND ept.type = 'EPT' AND ept.territoire_code = c.epci_code
),
sommes AS (
    SELECT territoire_niveau, territoire_code, dans_niveau, dans_code, sum(population) AS population
    FROM liens GROUP BY territoire_niveau, territoire_code, dans_niveau, dans_code
)
SELECT
    s.territoire_niveau,
    s.territoire_code,
    s.dans_niveau,
    s.dans_code,
    -- a few communes have no inhabitant left: they lie wholly where they lie
    coalesce(round(s.population / nullif(t.population, 0), 4), 1) AS part_population
FROM sommes s
JOIN territoires t USING (territoire_niveau, territoire_code)
ORDER BY ALL;
