namespace IpuNet.Training.Import;

/// <summary>
/// How face-api's names become those of this project's networks: '/' is '.', and the last part says what every network says.
/// <list type="bullet">
/// <item>"conv0/filters", "x/weights" and a matrix without a last part ("fc") are ".weight"; "x/biases" and "x/convolution_bn_offset" are ".bias".</item>
/// <item>"conv1/depthwise_filter" is "conv1.depthwise.weight"; "conv1/pointwise_filter" is "conv1.pointwise.weight", and a "conv1/bias"
/// beside it, which is added last, "conv1.pointwise.bias". "x/depthwise_weights" is "x.weight".</item>
/// <item>"x/BatchNorm/gamma", "beta", "moving_mean" and "moving_variance" are "weight", "bias", "running_mean" and "running_var".</item>
/// </list>
/// </summary>
internal sealed class FaceApiNames(IEnumerable<string> all)
{
    private readonly HashSet<string> _all = new(all, StringComparer.Ordinal);

    public string Map(FaceApiEntry entry)
    {
        int slash = entry.Name.LastIndexOf('/');
        string layer = slash < 0 ? "" : entry.Name[..slash], last = entry.Name[(slash + 1)..];
        string? mapped = last switch
        {
            "filters" or "weights" or "depthwise_weights" or "gamma" => "weight",
            "depthwise_filter" => "depthwise.weight",
            "pointwise_filter" => "pointwise.weight",
            "bias" when _all.Contains($"{layer}/pointwise_filter") => "pointwise.bias",
            "bias" or "biases" or "beta" or "convolution_bn_offset" => "bias",
            "moving_mean" => "running_mean",
            "moving_variance" => "running_var",
            _ => null,
        };
        string name = mapped is null ? entry.Name : $"{layer}/{mapped}";
        if (mapped is null && entry.Shape.Count == 2)
            name += "/weight";
        return name.Replace('/', '.');
    }
}
