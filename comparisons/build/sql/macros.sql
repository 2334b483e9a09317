-- The key of a territory, as addresses and files write it (`departement-35`).
CREATE MACRO cle(niveau, code) AS niveau || '-' || code;

-- The sources, with the names that their columns take beside the facts that cite them.
CREATE MACRO sources_citees() AS TABLE
SELECT source_id, titre AS source_titre, editeur AS source_editeur, url AS source_url,
       date_publication AS source_date, consulte_le AS source_consulte_le
FROM sources;
