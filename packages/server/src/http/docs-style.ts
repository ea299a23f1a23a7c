/** Style of `/docs`: follows the system's light or dark. */
export const docsStyle = `
:root { --ground: #fff; --raised: #f6f7f9; --line: #e3e6ea; --ink: #16191d; --quiet: #5b6570; --link: #0b5fd0;
  --get: #0b5fd0; --post: #1a7f37; --put: #8a5a00; --patch: #7a3fc0; --delete: #b42318; }
@media (prefers-color-scheme: dark) { :root { --ground: #0f1216; --raised: #171b21; --line: #2a3038; --ink: #e8ebee;
  --quiet: #98a2ad; --link: #7db4ff; --get: #7db4ff; --post: #6fd08c; --put: #e5b454; --patch: #c5a2f5; --delete: #ff9a8f; } }
* { box-sizing: border-box; }
html { scroll-padding-top: 72px; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.55 system-ui, sans-serif; }
header { position: sticky; top: 0; z-index: 1; display: flex; align-items: center; justify-content: space-between; gap: 16px;
  padding: 12px 24px; background: var(--ground); border-bottom: 1px solid var(--line); }
h1 { margin: 0; font-size: 17px; font-weight: 650; }
h1 span, .quiet { color: var(--quiet); font-weight: 400; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 4px; }
.columns { display: grid; grid-template-columns: 300px minmax(0, 1fr); max-width: 1240px; margin: 0 auto; }
nav { position: sticky; top: 53px; height: calc(100vh - 53px); overflow-y: auto; padding: 8px 12px 24px 24px; border-right: 1px solid var(--line); }
nav h2 { margin: 18px 0 4px; font-size: 12px; font-weight: 600; color: var(--quiet); }
nav ul { margin: 0; padding: 0; list-style: none; }
nav a { display: flex; gap: 8px; align-items: baseline; padding: 3px 6px; border-radius: 6px; color: var(--ink); text-decoration: none; font: 12.5px/1.5 ui-monospace, monospace; }
nav a:hover { background: var(--raised); }
nav span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
nav b { width: 46px; flex: none; font-size: 11px; }
main { min-width: 0; padding: 24px 32px 96px; }
main h2 { margin: 40px 0 12px; font-size: 20px; }
h2::first-letter { text-transform: uppercase; }
article { padding: 18px 0; border-top: 1px solid var(--line); }
h3 { display: flex; flex-wrap: wrap; gap: 10px; align-items: baseline; margin: 0; font-size: 15px; }
h3 code { padding: 0; background: none; font-size: 15px; overflow-wrap: anywhere; }
p { margin: 6px 0 10px; max-width: 75ch; }
code, pre { font: 13px/1.55 ui-monospace, SFMono-Regular, Menlo, monospace; }
code { padding: 1px 4px; border-radius: 4px; background: var(--raised); overflow-wrap: anywhere; }
pre { margin: 8px 0 0; padding: 12px 14px; white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); border-radius: 8px; background: var(--raised); }
table { width: 100%; margin: 8px 0; border-collapse: collapse; font-size: 14px; }
th { padding: 4px 12px 4px 0; text-align: left; font-weight: 600; color: var(--quiet); font-size: 12.5px; }
td { padding: 5px 12px 5px 0; vertical-align: top; border-top: 1px solid var(--line); }
td:nth-child(2) { white-space: nowrap; color: var(--quiet); }
details { margin: 8px 0; }
summary { cursor: pointer; padding: 2px 0; }
b { font: 600 12.5px/1.5 ui-monospace, monospace; }
.get { color: var(--get); } .post { color: var(--post); } .put { color: var(--put); } .patch { color: var(--patch); } .delete { color: var(--delete); }
@media (max-width: 760px) { .columns { display: block; } nav { display: none; } main { padding: 16px; } header { padding: 12px 16px; } }
`
