using IpuNet.Faces.Detection;
using IpuNet.Faces.Networks;

namespace IpuNet.Faces.Tests.Detection;

public class RfbBoxDecoderTests
{
    private const int Columns = 40, Rows = 30, Width = 320, Height = 240, Area = Columns * Rows;
    private const float NoFace = -20f;

    [Fact]
    public void Decode_WhenNothingScores_FindsNothing() => Decode(Output()).ShouldBeEmpty();

    [Fact]
    public void Decode_OfZeroValues_IsThePriorItself()
    {
        float[] output = Output();
        Write(output, prior: 1, cell: 3 * Columns + 5, logit: 1.5f);

        var box = Decode(output).ShouldHaveSingleItem();

        box.Score.ShouldBe(1f / (1f + MathF.Exp(-1.5f)), 1e-6f);
        (box.Box.X + box.Box.Width / 2).ShouldBe(5.5f * 8, 1e-4f);
        (box.Box.Y + box.Box.Height / 2).ShouldBe(3.5f * 8, 1e-4f);
        (box.Box.Width, box.Box.Height).ShouldBe((16f, 16f));
    }

    [Fact]
    public void Decode_OfValues_MovesAndScalesThePrior()
    {
        float[] output = Output();
        Write(output, prior: 2, cell: 0, logit: 3f, x: -2f, y: 1f, width: 5f * MathF.Log(0.25f), height: 5f * MathF.Log(0.5f));

        var box = Decode(output).ShouldHaveSingleItem().Box;

        (box.X + box.Width / 2).ShouldBe(4f - 0.2f * 24, 1e-4f);
        (box.Y + box.Height / 2).ShouldBe(4f + 0.1f * 24, 1e-4f);
        box.Width.ShouldBe(6f, 1e-4f);
        box.Height.ShouldBe(12f, 1e-4f);
    }

    [Fact]
    public void Decode_OfNoNumber_FindsNothing()
    {
        float[] output = Output();
        Write(output, prior: 0, cell: 0, logit: float.NaN);

        Decode(output).ShouldBeEmpty();
    }

    [Fact]
    public void Decode_OfAHugeSize_StaysFinite()
    {
        float[] output = Output();
        Write(output, prior: 0, cell: 0, logit: 3f, width: 1e9f, height: 1e9f);

        float.IsFinite(Decode(output).ShouldHaveSingleItem().Box.Area).ShouldBeTrue();
    }

    private static List<DetectedFace> Decode(float[] output)
    {
        var boxes = new List<DetectedFace>();
        RfbBoxDecoder.Decode(0, output, (Width, Height), (Columns, Rows), 0.5f, boxes);
        return boxes;
    }

    private static float[] Output()
    {
        var output = new float[Rfb320.Maps[0].Count * (Rfb320.ClassValues + Rfb320.BoxValues) * Area];
        for (int prior = 0; prior < Rfb320.Maps[0].Count; prior++)
            output.AsSpan((prior * Rfb320.ClassValues + 1) * Area, Area).Fill(NoFace);
        return output;
    }

    private static void Write(
        float[] output, int prior, int cell, float logit, float x = 0, float y = 0, float width = 0, float height = 0)
    {
        output[(prior * Rfb320.ClassValues + 1) * Area + cell] = logit;
        int first = Rfb320.Maps[0].Count * Rfb320.ClassValues + prior * Rfb320.BoxValues;
        float[] values = [x, y, width, height];
        for (int i = 0; i < values.Length; i++)
            output[(first + i) * Area + cell] = values[i];
    }
}
