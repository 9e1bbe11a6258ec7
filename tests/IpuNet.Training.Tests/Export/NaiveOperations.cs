using IpuNet.Faces.Networks;

namespace IpuNet.Training.Tests.Export;

/// <summary>One feature map and its values, [C, H, W].</summary>
internal sealed record NaiveMap(FeatureShape Shape, float[] Values)
{
    public float this[int c, int y, int x] => Values[(c * Shape.Height + y) * Shape.Width + x];

    /// <summary>0 outside the edges.</summary>
    public float Padded(int c, int y, int x) => Inside(c, y, x) ? this[c, y, x] : 0f;

    public bool Inside(int c, int y, int x) => c >= 0 && c < Shape.Channels && y >= 0 && y < Shape.Height && x >= 0 && x < Shape.Width;

    public static NaiveMap Of(FeatureShape shape, Func<int, int, int, double> value)
    {
        var values = new float[shape.Channels * shape.Height * shape.Width];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)value(i / (shape.Height * shape.Width), i / shape.Width % shape.Height, i % shape.Width);
        return new NaiveMap(shape, values);
    }

    public static NaiveMap Random(FeatureShape shape, int seed)
    {
        var random = new Random(seed);
        return Of(shape, (_, _, _) => random.NextDouble() * 4 - 2);
    }
}

/// <summary>Every operation written out from its definition, one image at a time, for the tests to hold backends against.</summary>
internal sealed class NaiveOperations(WeightSet weights) : NetworkOperations<NaiveMap>
{
    public override FeatureShape ShapeOf(NaiveMap x) => x.Shape;

    public override NaiveMap Convolution(NaiveMap x, string name, ConvolutionSpec spec)
    {
        float[] w = weights[$"{name}.weight"].ToFloats();
        int height = spec.Kernel.Height, width = spec.Kernel.Width, inputs = x.Shape.Channels / spec.Groups,
        outputs = spec.Outputs / spec.Groups;
        return NaiveMap.Of(spec.Apply(x.Shape), (o, y, column) =>
        {
            double sum = spec.Bias ? weights[$"{name}.bias"].ToFloats()[o] : 0;
            for (int i = 0; i < inputs * height * width; i++)
            {
                int c = i / (height * width), dy = i / width % height, dx = i % width;
                int fromY = y * spec.Stride + dy - spec.Padding.Top, fromX = column * spec.Stride + dx - spec.Padding.Left;
                sum += (double)w[o * inputs * height * width + i] * x.Padded(o / outputs * inputs + c, fromY, fromX);
            }
            return sum;
        });
    }

    public override NaiveMap TransposedConvolution(NaiveMap x, string name, ConvolutionSpec spec)
    {
        float[] w = weights[$"{name}.weight"].ToFloats();
        int height = spec.Kernel.Height, width = spec.Kernel.Width;
        FeatureShape shape = new(
            spec.Outputs,
            (x.Shape.Height - 1) * spec.Stride - 2 * spec.Padding.Top + height,
            (x.Shape.Width - 1) * spec.Stride - 2 * spec.Padding.Left + width);
        return NaiveMap.Of(shape, (o, y, column) =>
        {
            double sum = spec.Bias ? weights[$"{name}.bias"].ToFloats()[o] : 0;
            for (int i = 0; i < x.Values.Length; i++)
            {
                int c = i / (x.Shape.Height * x.Shape.Width), fromY = i / x.Shape.Width % x.Shape.Height, fromX = i % x.Shape.Width;
                int dy = y + spec.Padding.Top - fromY * spec.Stride, dx = column + spec.Padding.Left - fromX * spec.Stride;
                if (dy >= 0 && dy < height && dx >= 0 && dx < width)
                    sum += (double)w[((c * spec.Outputs + o) * height + dy) * width + dx] * x.Values[i];
            }
            return sum;
        });
    }

    public override NaiveMap BatchNorm(NaiveMap x, string name, float epsilon)
    {
        float[] Weight(string part) => weights[$"{name}.{part}"].ToFloats();
        return Map(x, (v, c) =>
            (v - Weight("running_mean")[c]) / Math.Sqrt(Weight("running_var")[c] + epsilon) * Weight("weight")[c] + Weight("bias")[c]);
    }

    public override NaiveMap ChannelAffine(NaiveMap x, string name) =>
        Map(x, (v, c) => v * weights[$"{name}.weight"].ToFloats()[c] + weights[$"{name}.bias"].ToFloats()[c]);

    public override NaiveMap Linear(NaiveMap x, string name, int outputs, bool bias) =>
        Convolution(x, name, new ConvolutionSpec(outputs, Kernel: 1, Bias: bias));

    public override NaiveMap Relu(NaiveMap x) => Map(x, (v, _) => Math.Max(v, 0));

    public override NaiveMap LeakyRelu(NaiveMap x, float slope) => Map(x, (v, _) => v > 0 ? v : slope * v);

    public override NaiveMap Tanh(NaiveMap x) => Map(x, (v, _) => Math.Tanh(v));

    public override NaiveMap Sigmoid(NaiveMap x) => Map(x, (v, _) => 1 / (1 + Math.Exp(-v)));

    public override NaiveMap Clamp(NaiveMap x, float low, float high) => Map(x, (v, _) => Math.Clamp(v, low, high));

    public override NaiveMap Dropout(NaiveMap x, float probability) => x;

    public override NaiveMap MaxPool(NaiveMap x, int kernel, int stride, Edges padding) =>
        Pool(x, kernel, stride, padding, values => values.Max());

    public override NaiveMap AveragePool(NaiveMap x, int kernel, int stride) =>
        Pool(x, kernel, stride, 0, values => values.Average());

    public override NaiveMap GlobalAveragePool(NaiveMap x) =>
        NaiveMap.Of(new(x.Shape.Channels, 1, 1), (c, _, _) => Channel(x, c).Average());

    public override NaiveMap ZeroPad(NaiveMap x, Edges edges, int channels) => NaiveMap.Of(
        new(x.Shape.Channels + channels, x.Shape.Height + edges.Top + edges.Bottom, x.Shape.Width + edges.Left + edges.Right),
        (c, y, column) => x.Padded(c, y - edges.Top, column - edges.Left));

    public override NaiveMap Concatenate(NaiveMap a, NaiveMap b) =>
        new(a.Shape with { Channels = a.Shape.Channels + b.Shape.Channels }, [.. a.Values, .. b.Values]);

    public override NaiveMap Add(NaiveMap a, NaiveMap b) => new(a.Shape, [.. a.Values.Zip(b.Values, (v, w) => v + w)]);

    public override NaiveMap Affine(NaiveMap x, IReadOnlyList<float> scale, IReadOnlyList<float> offset) =>
        Map(x, (v, c) => v * scale[c % scale.Count] + offset[c % offset.Count]);

    public override NaiveMap UpsampleNearest(NaiveMap x) =>
        NaiveMap.Of(new(x.Shape.Channels, x.Shape.Height * 2, x.Shape.Width * 2), (c, y, column) => x[c, y / 2, column / 2]);

    public override NaiveMap ResizeBilinear(NaiveMap x, int height, int width)
    {
        return NaiveMap.Of(new(x.Shape.Channels, height, width), (c, y, column) =>
        {
            var (top, bottom, fy) = Between(y, height, x.Shape.Height);
            var (left, right, fx) = Between(column, width, x.Shape.Width);
            double above = x[c, top, left] * (1 - fx) + x[c, top, right] * fx,
            below = x[c, bottom, left] * (1 - fx) + x[c, bottom, right] * fx;
            return above * (1 - fy) + below * fy;
        });

        static (int First, int Second, double Fraction) Between(int to, int toSize, int fromSize)
        {
            double from = Math.Max(0, (to + 0.5) * fromSize / toSize - 0.5);
            int first = Math.Min((int)from, fromSize - 1);
            return (first, Math.Min(first + 1, fromSize - 1), from - first);
        }
    }

    public override NaiveMap Prewhiten(NaiveMap x)
    {
        double mean = x.Values.Average(v => (double)v);
        double deviation = Math.Sqrt(x.Values.Average(v => (v - mean) * (v - mean)));
        return Map(x, (v, _) => (v - mean) / Math.Max(deviation, 1 / Math.Sqrt(x.Values.Length)));
    }

    public override NaiveMap L2Normalise(NaiveMap x)
    {
        double norm = Math.Sqrt(x.Values.Sum(v => (double)v * v));
        return Map(x, (v, _) => v / norm);
    }

    private static NaiveMap Map(NaiveMap x, Func<double, int, double> value) =>
        NaiveMap.Of(x.Shape, (c, y, column) => value(x[c, y, column], c));

    private static IEnumerable<float> Channel(NaiveMap x, int c)
    {
        int size = x.Shape.Height * x.Shape.Width;
        return x.Values.Skip(c * size).Take(size);
    }

    private static NaiveMap Pool(NaiveMap x, int kernel, int stride, Edges padding, Func<IEnumerable<float>, double> pool) => NaiveMap.Of(
        new ConvolutionSpec(x.Shape.Channels, kernel, stride, padding).Apply(x.Shape),
        (c, y, column) => pool(
            from dy in Enumerable.Range(y * stride - padding.Top, kernel)
            from dx in Enumerable.Range(column * stride - padding.Left, kernel)
            where x.Inside(c, dy, dx)
            select x[c, dy, dx]));
}
