namespace IpuNet.Training.Export;

/// <summary>What is done to the steps of a graph before they become ONNX nodes.</summary>
internal static class GraphOptimiser
{
    /// <summary>
    /// Drops the steps that no output needs, and folds each per-channel scale and offset (batch norm among them) into the layer
    /// before it, if nothing else reads that layer.
    /// </summary>
    public static IReadOnlyList<GraphStep> Optimise(IReadOnlyList<GraphStep> steps, IEnumerable<string> outputs)
    {
        var uses = CountUses(steps, outputs);
        var kept = new List<GraphStep>();
        var positions = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (GraphStep step in steps.Where(s => uses.ContainsKey(s.Output)))
        {
            if (step is AffineStep affine
                && positions.TryGetValue(affine.Input, out int at)
                && kept[at] is WeightedStep layer
                && uses[affine.Input] == 1)
            {
                kept[at] = layer.Fold(affine);
                positions[affine.Output] = at;
            }
            else
            {
                positions[step.Output] = kept.Count;
                kept.Add(step);
            }
        }

        return kept;
    }

    private static Dictionary<string, int> CountUses(IReadOnlyList<GraphStep> steps, IEnumerable<string> outputs)
    {
        var uses = outputs.ToDictionary(name => name, _ => 1, StringComparer.Ordinal);
        foreach (GraphStep step in steps.Reverse().Where(s => uses.ContainsKey(s.Output)))
        {
            foreach (string input in step.Inputs)
                uses[input] = uses.GetValueOrDefault(input) + 1;
        }

        return uses;
    }
}
