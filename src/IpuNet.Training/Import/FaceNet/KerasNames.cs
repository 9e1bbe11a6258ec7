namespace IpuNet.Training.Import.FaceNet;

/// <summary>The names in Keras FaceNet (Hiroki Taniai's port) of the weights of <see cref="Faces.Networks.InceptionResNetV1"/>.</summary>
internal static class KerasNames
{
    private static readonly Dictionary<string, string> Layers = new(StringComparer.Ordinal)
    {
        ["conv2d_1a"] = "Conv2d_1a_3x3",
        ["conv2d_2a"] = "Conv2d_2a_3x3",
        ["conv2d_2b"] = "Conv2d_2b_3x3",
        ["conv2d_3b"] = "Conv2d_3b_1x1",
        ["conv2d_4a"] = "Conv2d_4a_3x3",
        ["conv2d_4b"] = "Conv2d_4b_3x3",
        ["mixed_6a.branch0"] = "Mixed_6a_Branch_0_Conv2d_1a_3x3",
        ["mixed_6a.branch1.0"] = "Mixed_6a_Branch_1_Conv2d_0a_1x1",
        ["mixed_6a.branch1.1"] = "Mixed_6a_Branch_1_Conv2d_0b_3x3",
        ["mixed_6a.branch1.2"] = "Mixed_6a_Branch_1_Conv2d_1a_3x3",
        ["mixed_7a.branch0.0"] = "Mixed_7a_Branch_0_Conv2d_0a_1x1",
        ["mixed_7a.branch0.1"] = "Mixed_7a_Branch_0_Conv2d_1a_3x3",
        ["mixed_7a.branch1.0"] = "Mixed_7a_Branch_1_Conv2d_0a_1x1",
        ["mixed_7a.branch1.1"] = "Mixed_7a_Branch_1_Conv2d_1a_3x3",
        ["mixed_7a.branch2.0"] = "Mixed_7a_Branch_2_Conv2d_0a_1x1",
        ["mixed_7a.branch2.1"] = "Mixed_7a_Branch_2_Conv2d_0b_3x3",
        ["mixed_7a.branch2.2"] = "Mixed_7a_Branch_2_Conv2d_1a_3x3",
        ["last_linear"] = "Bottleneck",
        ["last_bn"] = "Bottleneck_BatchNorm",
    };

    private static readonly Dictionary<string, string> Weights = new(StringComparer.Ordinal)
    {
        ["bias"] = "beta",
        ["running_mean"] = "moving_mean",
        ["running_var"] = "moving_variance",
    };

    static KerasNames()
    {
        AddBlocks("repeat_1", "Block35", 5, ["0b_3x3"], ["0b_3x3", "0c_3x3"]);
        AddBlocks("repeat_2", "Block17", 10, ["0b_1x7", "0c_7x1"]);
        AddBlocks("repeat_3", "Block8", 5, ["0b_1x3", "0c_3x1"]);
        AddBlock("block8", "Block8_6", ["0b_1x3", "0c_3x1"]);
    }

    /// <summary>
    /// The name of a weight in <see cref="KerasFile"/>: "{layer}/{weight}". Null for the scale of a batch norm. Keras FaceNet does not
    /// store that scale, because it is 1.
    /// </summary>
    /// <param name="name">The name in this project, such as "repeat_1.0.branch0.bn.running_mean".</param>
    public static string? Of(string name)
    {
        int dot = name.LastIndexOf('.');
        string owner = name[..dot], weight = name[(dot + 1)..];
        if (owner == "last_linear")
            return $"{Layers[owner]}/kernel";
        if (owner == "last_bn")
            return weight == "weight" ? null : $"{Layers[owner]}/{Weights[weight]}";

        string layer = Layers[owner[..owner.LastIndexOf('.')]];
        return owner[(owner.LastIndexOf('.') + 1)..] switch
        {
            "bn" => weight == "weight" ? null : $"{layer}_BatchNorm/{Weights[weight]}",
            "conv" => $"{layer}/kernel",
            _ => $"{layer}_Conv2d_1x1/{(weight == "weight" ? "kernel" : "bias")}",
        };
    }

    private static void AddBlocks(string name, string keras, int count, params string[][] branches)
    {
        for (int i = 0; i < count; i++)
            AddBlock($"{name}.{i}", $"{keras}_{i + 1}", branches);
    }

    private static void AddBlock(string name, string keras, params string[][] branches)
    {
        Layers[name] = keras;
        Layers[$"{name}.branch0"] = $"{keras}_Branch_0_Conv2d_1x1";
        for (int b = 0; b < branches.Length; b++)
        {
            string[] layers = ["0a_1x1", .. branches[b]];
            for (int i = 0; i < layers.Length; i++)
                Layers[$"{name}.branch{b + 1}.{i}"] = $"{keras}_Branch_{b + 1}_Conv2d_{layers[i]}";
        }
    }
}
