# De l'adresse d'une table à une figure, en R : la carte des départements, et le compte du site.
#
#   Rscript docs/carte.R http://localhost:8501 carte.pdf
#
# Il faut le paquet jsonlite (r-cran-jsonlite dans Debian), et rien d'autre.
library(jsonlite)

arguments <- commandArgs(trailingOnly = TRUE)
site <- sub("/$", "", if (length(arguments)) arguments[1] else "http://localhost:8501")
figure <- if (length(arguments) > 1) arguments[2] else "carte.pdf"
api <- paste0(site, "/api/v1")
lire <- function(table, filtre) {
  # une cellule vide est inconnue ; un code garde ses zéros
  read.csv(paste0(api, "/tables/", table, ".csv?", filtre),
           colClasses = "character", na.strings = "", encoding = "UTF-8")
}

# 1. Lire : une ligne par territoire et par type de document.
couverture <- lire("couverture", "territoire_niveau=departement")
types <- lire("vocabulaires", "vocabulaire=types_strategie")
couverture$famille <- types$famille[match(couverture$type, types$code)]
connus <- couverture[!is.na(couverture$strategie_id), ]

# 2. Ranger chaque département par ce qu'on sait de mieux de lui ; une page qui ne nomme aucun
# document n'en est pas un.
ensemble <- connus[connus$famille == "ensemble" & connus$etat != "description", ]
classe <- function(code) {
  if (code %in% ensemble$territoire_code[ensemble$etat == "adoptee"]) 1
  else if (code %in% ensemble$territoire_code) 2
  else if (code %in% connus$territoire_code) 3
  else 4
}
titres <- c("Stratégie d'ensemble adoptée", "Stratégie d'ensemble, autre état",
            "Autres documents", "Aucun document connu")
couleurs <- c("#08519c", "#6baed6", "#f0a830", "#e6e6e6")

# 3. Dessiner les contours, cadrés sur la métropole.
contours <- fromJSON(paste0(api, "/tables/territoires.geojson?territoire_niveau=departement"),
                     simplifyVector = FALSE)$features
codes <- vapply(contours, function(f) f$properties$territoire_code, "")
classes <- vapply(codes, classe, 0)
cairo_pdf(figure, width = 7, height = 7)
plot(NA, xlim = c(-5, 10), ylim = c(41, 51.2), asp = 1 / cos(46.5 * pi / 180), axes = FALSE,
     xlab = "", ylab = "", main = "Qui a une stratégie ?")
for (rang in seq_along(contours)) {
  geometrie <- contours[[rang]]$geometry
  morceaux <- if (geometrie$type == "Polygon") list(geometrie$coordinates) else geometrie$coordinates
  for (anneau in unlist(morceaux, recursive = FALSE)) {
    points <- matrix(unlist(anneau), ncol = 2, byrow = TRUE)
    polygon(points, col = couleurs[classes[rang]], border = "white", lwd = 0.5)
  }
}
comptes <- tabulate(classes, 4)
legend("bottomleft", paste0(titres, " (", comptes, ")"), fill = couleurs, bty = "n", cex = 0.7)
jeu <- lire("jeu_de_donnees", "")
mtext(paste0("Stratoscope, version ", jeu$version, ", Licence Ouverte 2.0"), 1, cex = 0.6)
invisible(dev.off())

# 4. Comparer au site : la page Carte dit sa réponse en une phrase.
page <- paste(readLines(paste0(site, "/integrer/carte"), encoding = "UTF-8", warn = FALSE),
              collapse = "")
phrase <- sub(".*?<p>(.*?)</p>.*", "\\1", page, perl = TRUE)
nombres <- as.integer(regmatches(phrase, gregexpr("[0-9]+", phrase))[[1]])
stopifnot(nombres == c(comptes[1], length(codes), sum(comptes[1:3])))
autre_etat <- sub(".*autre état<b>([0-9]+)</b>.*", "\\1", page)
stopifnot(as.integer(autre_etat) == comptes[2])
cat(phrase, "\n")
