/* A combobox (ARIA pattern « editable, list autocomplete », its list in groups): types are sent to
   /api/v1/recherche, a choice is told to the server: the key of a territory, or the address of a
   page. The text of answers is written as text, never as markup. */
const PAUSE = 120; // ms without a key before asking

export default function ({ data, parentElement, setTriggerValue }) {
  const input = parentElement.querySelector("input");
  const list = parentElement.querySelector("[role=listbox]");
  const told = parentElement.querySelector("[role=status]");
  const label = parentElement.querySelector("label");
  label.textContent = data.label;
  input.placeholder = data.placeholder;
  if (parentElement.ready) return;
  parentElement.ready = true;

  const root = window.__streamlit?.BACKEND_BASE_URL ?? `${location.origin}/`;
  let options = [], active = -1, waiting = 0, asked = 0, answered = "";

  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    activate(-1);
  };
  const activate = (place) => {
    active = place;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === place)));
    if (place < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", options[place].id);
    options[place].scrollIntoView({ block: "nearest" });
  };
  const choose = (option) => {
    input.value = "";
    told.textContent = "";
    close();
    setTriggerValue("chosen", option.dataset.chosen);
  };
  const line = (result) => {
    const option = document.createElement("li");
    option.id = `trouve-${options.length}`;
    option.role = "option";
    option.dataset.chosen = result.cle ?? result.adresse;
    const name = document.createElement("strong");
    name.textContent = result.nom;
    const what = document.createElement("span");
    what.textContent = result.precision;
    option.append(name, " ", what);
    option.onmousedown = (event) => event.preventDefault(); // the field keeps the focus
    option.onclick = () => choose(option);
    options.push(option);
    return option;
  };
  const block = ({ titre, resultats }, place) => {
    const group = document.createElement("ul");
    const title = document.createElement("li");
    group.role = "group";
    title.role = "presentation";
    title.id = `groupe-${place}`;
    title.textContent = titre;
    group.setAttribute("aria-labelledby", title.id);
    group.append(title, ...resultats.map(line));
    return group;
  };
  const show = (text, { resultats, groupes, message }) => {
    answered = text;
    options = [];
    if (data.only_territories) {
      groupes = resultats.length ? [{ titre: "Territoires", resultats, compte: message }] : [];
    }
    list.replaceChildren(...groupes.map(block));
    if (groupes.length) message = groupes.map(({ compte }) => compte).join(", ");
    list.hidden = !options.length;
    input.setAttribute("aria-expanded", String(options.length > 0));
    told.textContent = message;
    told.dataset.kind = options.length ? "count" : "advice";
    activate(options.length ? 0 : -1);
  };
  const ask = async () => {
    const text = input.value.trim();
    const mine = ++asked;
    if (!text) {
      told.textContent = "";
      return close();
    }
    try {
      const answer = await fetch(`${root}api/v1/recherche?q=${encodeURIComponent(text)}`);
      const found = await answer.json();
      if (mine !== asked) return; // a later question was asked
      show(text, answer.ok ? found : { resultats: [], groupes: [], message: found.erreur });
    } catch {
      if (mine !== asked) return;
      show(text, { resultats: [], groupes: [], message: "La recherche ne répond pas : vérifiez la connexion." });
    }
  };

  input.oninput = () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE);
  };
  input.onkeydown = async (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) return ask();
      const step = event.key === "ArrowDown" ? 1 : -1;
      activate((active + step + options.length) % options.length);
    } else if (event.key === "Enter" && input.value.trim()) {
      event.preventDefault();
      clearTimeout(waiting);
      // what is typed now, not what was a moment ago
      if (answered !== input.value.trim() || list.hidden) await ask();
      if (active >= 0) choose(options[active]);
    } else if (event.key === "Escape") {
      input.value = "";
      told.textContent = "";
      close();
    }
  };
  input.onblur = close;
  input.onfocus = () => input.value.trim() && ask();
}
