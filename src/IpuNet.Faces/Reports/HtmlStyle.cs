namespace IpuNet.Faces.Reports;

/// <summary>The one style sheet of every report: system fonts, light and dark, from a phone to paper.</summary>
internal static class HtmlStyle
{
    public const string Css = """
        :root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --soft: #59626d; --line: #d5dae0; --card: #f6f7f9; --good: #1a7f4b; --bar: #8fa3b8; }
        @media (prefers-color-scheme: dark) { :root { --paper: #14171a; --ink: #e8eaed; --soft: #a2abb5; --line: #3a4149; --card: #1c2025; --good: #4cc38a; --bar: #5c6c7d; } }
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
        .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); gap: 1rem; margin: 1rem 0; }
        article { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .9rem 1rem; min-width: 0; }
        h3 { font-size: 1.05rem; line-height: 1.3; margin: 0 0 .7rem; display: flex; gap: .6rem; justify-content: space-between; align-items: start; }
        h3 { overflow-wrap: anywhere; }
        .badge { font-size: .75rem; font-weight: 600; line-height: 1.5; padding: 0 .55rem; border-radius: 1rem; border: 1px solid; color: var(--soft);
          white-space: nowrap; }
        .badge.good { color: var(--good); }
        .cards .grid { gap: .6rem; flex-wrap: nowrap; }
        .cards .grid figure { flex: 0 1 8rem; min-width: 0; }
        .cards img { width: 100%; aspect-ratio: 1; object-fit: contain; border-radius: .3rem; background: var(--line); }
        .cards figcaption { font-size: .8rem; margin-top: .2rem; }
        .meters { list-style: none; margin: .7rem 0 0; padding: 0; font-size: .88rem; font-variant-numeric: tabular-nums; }
        .meters li { display: grid; grid-template-columns: 1fr auto; gap: 0 .6rem; margin: .35rem 0; }
        .meters span { min-width: 0; overflow-wrap: anywhere; }
        .meters b { font-weight: 600; }
        .meters i { grid-column: 1 / -1; height: .35rem; margin-top: .15rem; border-radius: .2rem; print-color-adjust: exact; -webkit-print-color-adjust: exact;
          background: linear-gradient(var(--ink), var(--ink)) var(--limit) 0 / 2px 100% no-repeat,
            linear-gradient(var(--bar), var(--bar)) 0 0 / var(--at) 100% no-repeat, var(--line); }
        .pixelated { image-rendering: pixelated; }
        .notes { list-style: none; margin: 1rem 0; padding: 0; }
        .notes li { display: grid; grid-template-columns: minmax(0, 2fr) 6rem minmax(0, 3fr); gap: .1rem 1rem; padding: .45rem 0;
          border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
        .notes b { font-weight: 600; }
        .notes .badge { justify-self: start; align-self: start; }
        @media (max-width: 40rem) { .notes li { grid-template-columns: minmax(0, 1fr) auto; } .notes li span:last-child { grid-column: 1 / -1; color: var(--soft); } }
        .note { color: var(--soft); font-size: .8rem; margin: .7rem 0 0; overflow-wrap: anywhere; }
        @media print {
          :root { color-scheme: light; --paper: #fff; --ink: #000; --soft: #444; --line: #bbb; --card: #fff; --good: #14633a; --bar: #8fa3b8; }
          body { max-width: none; padding: 0; font-size: 10pt; }
          .table { overflow: visible; }
          table { font-size: 8pt; }
          th, td { padding: .2rem .4rem; white-space: normal; }
          .grid figure { width: calc(50% - .5rem); }
          .cards { grid-template-columns: repeat(3, 1fr); gap: .6rem; }
          .cards .grid figure { width: auto; }
          article { padding: .6rem .7rem; }
          h2, dl, caption { break-after: avoid; }
          figure, tr, article, .notes li { break-inside: avoid; }
        }
        """;
}
