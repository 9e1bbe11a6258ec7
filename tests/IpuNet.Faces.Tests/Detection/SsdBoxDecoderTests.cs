using IpuNet.Faces.Detection;
using IpuNet.Faces.Networks;

namespace IpuNet.Faces.Tests.Detection;

public class SsdBoxDecoderTests
{
    private const float NoFace = -20f;

    [Fact]
    public void Decode_WhenNothingScores_FindsNothing() => Decode(Outputs()).ShouldBeEmpty();

    [Fact]
    public void Decode_OfZeroValues_IsTheAnchorItself()
    {
        var outputs = Outputs();
        Write(outputs, map: 1, anchor: 0, cell: 16 * 3 + 5, logit: 0.5f);

        var box = Decode(outputs).ShouldHaveSingleItem();

        box.Score.ShouldBe(1f / (1f + MathF.Exp(-0.5f)), 1e-6f);
        box.Box.X.ShouldBe(5.5f / 16 - 0.175f, 1e-5f);
        box.Box.Y.ShouldBe(3.5f / 16 - 0.175f, 1e-5f);
        box.Box.Width.ShouldBe(0.35f, 1e-5f);
        box.Box.Height.ShouldBe(0.35f, 1e-5f);
    }

    [Fact]
    public void Decode_OfValues_MovesAndScalesTheAnchor()
    {
        var outputs = Outputs();
        Write(
            outputs, map: 5, anchor: 0, cell: 0, logit: 3f, centreY: 1f, centreX: -2f, height: 5f * MathF.Log(0.5f),
            width: 5f * MathF.Log(0.25f));

        var box = Decode(outputs).ShouldHaveSingleItem().Box;

        (box.X + box.Width / 2).ShouldBe(0.5f - 0.2f * 0.95f, 1e-5f);
        (box.Y + box.Height / 2).ShouldBe(0.5f + 0.1f * 0.95f, 1e-5f);
        box.Width.ShouldBe(0.95f / 4, 1e-5f);
        box.Height.ShouldBe(0.95f / 2, 1e-5f);
    }

    [Fact]
    public void Decode_OfNoNumber_FindsNothing()
    {
        var outputs = Outputs();
        Write(outputs, map: 0, anchor: 0, cell: 0, logit: float.NaN);

        Decode(outputs).ShouldBeEmpty();
    }

    [Fact]
    public void Decode_OfAHugeSize_StaysFinite()
    {
        var outputs = Outputs();
        Write(outputs, map: 0, anchor: 0, cell: 0, logit: 3f, width: 1e9f, height: 1e9f);

        float.IsFinite(Decode(outputs).ShouldHaveSingleItem().Box.Area).ShouldBeTrue();
    }

    private static List<ScoredBox> Decode(float[][] outputs)
    {
        var boxes = new List<ScoredBox>();
        for (int map = 0; map < outputs.Length; map++)
            SsdBoxDecoder.Decode(map, outputs[map], 0.5f, boxes);
        return boxes;
    }

    private static float[][] Outputs()
    {
        float[][] outputs = [.. SsdMobileNetV1.Maps.Select(m => new float[m.Anchors * 7 * m.Cells * m.Cells])];
        for (int i = 0; i < outputs.Length; i++)
            outputs[i].AsSpan(SsdMobileNetV1.Maps[i].Anchors * 4 * Area(i)).Fill(NoFace);
        return outputs;
    }

    private static void Write(
        float[][] outputs, int map, int anchor, int cell, float logit, float centreY = 0, float centreX = 0, float height = 0,
        float width = 0)
    {
        float[] values = [centreY, centreX, height, width];
        for (int i = 0; i < values.Length; i++)
            outputs[map][(anchor * 4 + i) * Area(map) + cell] = values[i];
        outputs[map][(SsdMobileNetV1.Maps[map].Anchors * 4 + anchor * 3 + 1) * Area(map) + cell] = logit;
    }

    private static int Area(int map) => SsdMobileNetV1.Maps[map].Cells * SsdMobileNetV1.Maps[map].Cells;
}
