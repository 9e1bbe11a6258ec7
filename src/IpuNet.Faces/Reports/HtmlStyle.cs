namespace IpuNet.Faces.Reports;

/// <summary>The one style sheet of every report: system fonts, light and dark, from a phone to paper.</summary>
internal static class HtmlStyle
{
    public const string Css = """
        :root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --soft: #59626d; --line: #d5dae0; }
        @media (prefers-color-scheme: dark) { :root { --paper: #14171a; --ink: #e8eaed; --soft: #a2abb5; --line: #3a4149; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 70rem; background: var(--paper); color: var(--ink);
          font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
        h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .4rem; }
        h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; padding-top: .6rem; border-top: 1px solid var(--line); }
        p { max-width: 46rem; margin: .6rem 0; }
        .lead { color: var(--soft); margin-top: 0; }
        dl { display: grid; grid-template-columns: fit-content(40%) 1fr; gap: .15rem 1rem; margin: .8rem 0; }
        dt { color: var(--soft); }
        dd { margin: 0; min-width: 0; }
        .table { overflow-x: auto; margin: 1rem 0; }
        table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
        caption { text-align: left; color: var(--soft); padding-bottom: .3rem; }
        th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap; }
        th { vertical-align: bottom; white-space: normal; max-width: 9rem; }
        th:first-child, td:first-child { padding-left: 0; position: sticky; left: 0; background: var(--paper); }
        .number { text-align: right; }
        figure { margin: 1rem 0; }
        figcaption { color: var(--soft); font-size: .9rem; margin-top: .3rem; }
        figure img { max-width: 100%; height: auto; display: block; }
        .grid { display: flex; flex-wrap: wrap; gap: 1rem; }
        .grid figure { margin: 0; }
        @media print {
          :root { color-scheme: light; --paper: #fff; --ink: #000; --soft: #444; --line: #bbb; }
          body { max-width: none; padding: 0; font-size: 10pt; }
          .table { overflow: visible; }
          table { font-size: 8pt; }
          th, td { padding: .2rem .4rem; white-space: normal; }
          .grid figure { width: calc(50% - .5rem); }
          h2, dl, caption { break-after: avoid; }
          figure, tr { break-inside: avoid; }
        }
        """;
}
