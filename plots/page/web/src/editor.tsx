// The editor for answers: CodeMirror, with the keys and values of the scenario's schema, and what was wrong in its place.

import { autocompletion, completionKeymap, startCompletion, type CompletionContext } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "preact/hooks";
import { offers, type Schema } from "./schema.ts";

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--link)", fontWeight: "600" },
  { tag: tags.comment, color: "var(--muted)", fontStyle: "italic" },
  { tag: [tags.string, tags.content], color: "var(--ink)" },
  { tag: [tags.number, tags.bool, tags.keyword], color: "var(--good)" },
]);

const looks = EditorView.theme({
  "&": { backgroundColor: "var(--paper)", color: "var(--ink)" },
  ".cm-content": { fontFamily: 'ui-monospace, "Liberation Mono", Menlo, Consolas, monospace', caretColor: "var(--ink)", minHeight: "12rem" },
  ".cm-gutters": { backgroundColor: "var(--card)", color: "var(--muted)", borderRight: "1px solid var(--grid)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--card)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)", borderLeftWidth: "2px" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--pale)" },
  ".cm-tooltip": { backgroundColor: "var(--paper)", color: "var(--ink)", border: "1px solid var(--muted)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--link)", color: "var(--paper)" },
  ".cm-completionInfo": { maxWidth: "26rem", whiteSpace: "pre-line" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--bad) 2px" }, // not the library's picture
  ".cm-diagnostic-error": { borderLeft: "5px solid var(--bad)" },
});

// complete offers what the schema knows at a place.
export function complete(schema: Schema | null, c: CompletionContext) {
  if (!schema) return null;
  const before = c.state.sliceDoc(0, c.pos);
  const word = c.matchBefore(/[A-Za-z0-9_.-]*/);
  if (!c.explicit && (!word || word.from === word.to)) return null;
  const list = offers(schema, before);
  if (list.length === 0) return null;
  return {
    from: word?.from ?? c.pos,
    options: list.map((o) => ({ label: o.label, apply: o.apply, info: o.detail, type: "property" })),
    validFor: /^[A-Za-z0-9_.-]*$/,
  };
}

export function Editor(p: {
  text: string; onEdit: (text: string) => void; name: string; schema: Schema | null; yaml: boolean; wrong: string;
}) {
  const ref = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const edit = useRef(p.onEdit);
  const schema = useRef(p.schema);
  edit.current = p.onEdit;
  schema.current = p.schema;
  useEffect(() => {
    // In a shadow tree its styles are sheets of the script's own; the page's policy takes no style elements.
    const shadow = ref.current!.shadowRoot ?? ref.current!.attachShadow({ mode: "open" });
    const v = new EditorView({
      parent: shadow, root: shadow,
      state: EditorState.create({
        doc: p.text,
        extensions: [
          lineNumbers(), history(), drawSelection(), indentOnInput(), bracketMatching(), highlightActiveLine(),
          indentUnit.of("  "), EditorView.lineWrapping, looks, syntaxHighlighting(colours),
          ...(p.yaml ? [yaml(), autocompletion({ override: [(c) => complete(schema.current, c)], closeOnBlur: true })] : []),
          // Tab leaves the editor, so that keyboards get out of it; Ctrl-Space offers what may stand here.
          keymap.of([...completionKeymap, { key: "Ctrl-Space", run: startCompletion }, ...defaultKeymap, ...historyKeymap]),
          EditorView.contentAttributes.of({ "aria-label": `your answer, ${p.name}` }),
          EditorView.updateListener.of((u) => u.docChanged && edit.current(u.state.doc.toString())),
        ],
      }),
    });
    view.current = v;
    return () => v.destroy();
  }, []);
  useEffect(() => {
    const v = view.current!;
    const m = /:(\d+):(\d+): ([\s\S]*)$/.exec(p.wrong);
    if (!m) {
      v.dispatch(setDiagnostics(v.state, []));
      return;
    }
    const line = v.state.doc.line(Math.max(1, Math.min(Number(m[1]), v.state.doc.lines)));
    const from = Math.min(line.from + Number(m[2]) - 1, line.to);
    v.dispatch(setDiagnostics(v.state, [{ from, to: line.to, severity: "error", message: m[3]! }]),
      { effects: EditorView.scrollIntoView(from) });
  }, [p.wrong]);
  return (
    <>
      <div class="editor" ref={ref} data-file={p.name} />
      {p.yaml && <p class="going">Ctrl-Space offers what may stand at the cursor. What is typed is kept in this browser.</p>}
    </>
  );
}
