// The words that Streamlit writes itself, which it offers in English only, in French; and the spaces
// at which French breaks no line, in all that is read.
const WORDS = new Map(Object.entries({
  "Skip to main content": "Aller au contenu",
  "Navigate to home page": "Accueil",
  "App pages": "Pages du site",
  "Main menu": "Menu",
  "Link to heading": "Lien vers ce titre",
  "Copy to clipboard": "Copier",
  "Choose an option": "Choisir",
  "Choose options": "Choisir",
  "Add an option": "Ajouter",
  "Select all": "Tout choisir",
  "Clear all": "Tout retirer",
  "Clear value": "Vider",
  "Clear selection": "Ne rien choisir",
  "No results": "Aucun résultat",
  Open: "Ouvrir",
  Close: "Fermer",
  "Previous page": "Page précédente",
  "Next page": "Page suivante",
  "file upload": "dépôt d’un fichier",
  Upload: "Choisir un fichier",
  "Drag and drop file here": "Glissez votre fichier ici",
  "Download plot as a PNG": "Télécharger l’image (PNG)",
  Fullscreen: "Plein écran",
  "Toggle fullscreen": "Plein écran",
  "Toggle attribution": "Origine du fond de carte",
  Zoom: "Zoomer sur une partie",
  Pan: "Déplacer",
  "Zoom in": "Agrandir",
  "Zoom out": "Réduire",
  "Reset axes": "Vue entière",
  "Reset view": "Vue entière",
  Autoscale: "Vue entière",
  "Box Select": "Choisir un rectangle",
  "Lasso Select": "Choisir au lasso",
  "Close fullscreen": "Quitter le plein écran",
  "Download as CSV": "Télécharger (CSV)",
  "Show/hide columns": "Choisir les colonnes",
  Search: "Chercher",
  "Sort ascending": "Tri croissant",
  "Sort descending": "Tri décroissant",
  Format: "Format",
  Autosize: "Ajuster la largeur",
  "Pin column": "Figer la colonne",
  "Unpin column": "Libérer la colonne",
  "Hide column": "Cacher la colonne",
  "Copy column name": "Copier le nom de la colonne",
  "Page not found": "Page introuvable",
  "Connection error": "Connexion perdue",
  Connecting: "Connexion…",
  Stop: "Arrêter",
}));
const PATTERNS = [
  // a button of a table: « Search: name of the table »
  [/^(Show\/hide columns|Download as CSV|Search|Fullscreen|Close fullscreen): (.+)$/s,
    (_, label, table) => `${WORDS.get(label)} : ${table}`],
  [/^Help for (.+)$/s, "Aide : $1"],
  [/^Remove (.+)$/s, "Retirer $1"],
  [/^([\d.]+)MB per file(.*)$/s, "$1 Mo par fichier$2"],
  [/^([\d.]+?)(?:\.0)?([KMG]?)B$/, (_, size, unit) => `${size.replace(".", ",")} ${unit}o`],
  [/^(\d+) more$/, "$1 de plus"],
  [/^.*Running the app's main page\.$/s, "Cette page n’existe pas : voici la carte."],
];
const ATTRIBUTES = ["aria-label", "title", "placeholder", "data-title"];
// what the site itself writes, whose words are French already
const OURS = "[data-testid=stMarkdownContainer], [data-testid=stTable]";
const STREAMLIT = "[data-testid=stFileUploader]";
// what is no sentence: code to copy, styles, figures
const NO_SENTENCE = "code, pre, textarea, style, script, svg";
const NO_BREAK = / (?=[:;?!»])|(?<=«) /g;

const translate = (text) => {
  const bare = text.trim();
  if (WORDS.has(bare)) return WORDS.get(bare);
  const pattern = PATTERNS.find(([english]) => english.test(bare));
  return pattern ? bare.replace(...pattern) : text;
};

const translateText = (node) => {
  const place = node.parentElement;
  if (!place || place.closest(NO_SENTENCE)) return;
  const isOurs = place.closest(OURS) && !place.closest(STREAMLIT);
  const french = (isOurs ? node.data : translate(node.data)).replace(NO_BREAK, "\u00a0");
  if (french !== node.data) node.data = french;
};

const translateAttributes = (element) => {
  for (const name of ATTRIBUTES) {
    const english = element.getAttribute(name);
    const french = english && translate(english);
    if (french !== english) element.setAttribute(name, french);
  }
};

const translateTree = (root) => {
  if (root.nodeType === Node.TEXT_NODE) translateText(root);
  if (root.nodeType !== Node.ELEMENT_NODE || root.namespaceURI.endsWith("svg")) return;
  translateAttributes(root);
  root.childNodes.forEach(translateTree);
};

export default function () {
  translateTree(document.body);
  const observer = new MutationObserver((mutations) => {
    for (const { type, target, addedNodes } of mutations) {
      if (type === "attributes") translateAttributes(target);
      else if (type === "characterData") translateText(target);
      else addedNodes.forEach(translateTree);
    }
  });
  observer.observe(document.body, {
    childList: true, subtree: true, characterData: true, attributeFilter: ATTRIBUTES,
  });
  return () => observer.disconnect();
}
