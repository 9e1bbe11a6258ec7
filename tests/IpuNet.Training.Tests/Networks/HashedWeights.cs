using IpuNet.Faces.Networks;
using static TorchSharp.torch;

namespace IpuNet.Training.Tests.Networks;

/// <summary>Weights and an image made of a hash of the weight's name and the place in it, as Golden/facenet.py makes them.</summary>
internal static class HashedWeights
{
    public static WeightSet Of(INetwork network)
    {
        var weights = new WeightSet();
        foreach (WeightDeclaration weight in WeightDeclarations.Of(network))
        {
            int fanIn = weight.Shape.Skip(1).Aggregate(1, (product, n) => product * n);
            var (around, spread) = weight.Role switch
            {
                WeightRole.Kernel => (0, Math.Sqrt(12) * Math.Sqrt(1.5 / fanIn)),
                WeightRole.Scale => (1, 0.2),
                WeightRole.RunningVariance => (1, 0.5),
                _ => (0, 0.2),
            };
            weights[weight.Name] = WeightTensor.FromFloats(
                [.. weight.Shape], [.. Hashed(weight.Name, weight.Count).Select(v => (float)(around + spread * v))]);
        }

        return weights;
    }

    /// <summary>[1, 3, 160, 160], 0-255.</summary>
    public static Tensor Image()
    {
        const int side = InceptionResNetV1.InputSize;
        float[] values = [.. Hashed("image", side * side * 3).Select(v => (float)Math.Floor((v + 0.5) * 256))];
        return tensor(values, [1, side, side, 3]).permute(0, 3, 1, 2);
    }

    // FNV-1a of the name, then the finaliser of MurmurHash3 of each place: [-0.5, 0.5).
    private static IEnumerable<double> Hashed(string name, int count)
    {
        uint seed = name.Aggregate(2166136261u, (hash, c) => unchecked((hash ^ c) * 16777619u));
        for (uint i = 0; i < count; i++)
        {
            uint h = unchecked(i * 0x9E3779B9u + seed);
            h = unchecked((h ^ (h >> 16)) * 0x85EBCA6Bu);
            h = unchecked((h ^ (h >> 13)) * 0xC2B2AE35u);
            yield return (h ^ (h >> 16)) / 4294967296.0 - 0.5;
        }
    }
}
