using System.Numerics;
using CsCheck;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reports;
using IpuNet.Training.Evaluation.Scenes;

namespace IpuNet.Training.Tests.Evaluation.Scenes;

public sealed class SceneComposerTests : IDisposable
{
    private const int PhotoWidth = 300, PhotoHeight = 240, Side = 80, Dot = 12;
    private static readonly Vector2 Middle = new(150, 110);

    private readonly TestFolder _folder = new();

    public static TheoryData<string> Conditions => [.. SceneCondition.All.Select(condition => condition.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Conditions))]
    public void Compose_PhotoWithADot_ShowsTheDotWhereTheFaceShouldBe(string name)
    {
        SceneCondition condition = SceneCondition.Named(name)!;

        Scene scene = new SceneComposer(seed: 3).Compose([Photo()], height: 40, condition).ShouldHaveSingleItem();

        PastedFace pasted = scene.Faces.ShouldHaveSingleItem();
        Vector2 place = pasted.ToScene.Apply(new Vector2(FaceAligner.Size / 2f));
        (pasted.ToScene.Scale * FaceAligner.Size).ShouldBe(40, 0.5);
        RgbImage seen = ImageDecoder.Decode(scene.File, "scene");
        Light(seen, place).ShouldBeGreaterThan(2 * Light(seen, place + new Vector2(14, 0)) + 20);
    }

    [Theory]
    [InlineData("grey")]
    [InlineData("all")]
    public void Compose_WithoutColour_HasEqualChannels(string name)
    {
        RgbImage pixels = new SceneComposer(seed: 3).Compose([Photo()], 40, SceneCondition.Named(name)!).Single().Pixels;

        pixels.Pixels.Chunk(RgbImage.Channels).ShouldAllBe(pixel => pixel[0] == pixel[1] && pixel[1] == pixel[2]);
    }

    [Fact]
    public void Compose_ManyPhotos_PutsEachIntoOneFrameAndNoneOverAnother()
    {
        FoundPhoto photo = Photo();
        Gen.Select(Gen.Int[1, 15], Gen.Int[8, 48]).Sample((count, height) =>
        {
            FoundPhoto[] photos =
                [.. Enumerable.Range(0, count).Select(person => photo with { Photo = photo.Photo with { Person = person } })];

            Scene[] scenes = [.. new SceneComposer(seed: 5).Compose(photos, height, SceneCondition.Named("clean")!)];

            scenes.SelectMany(scene => scene.Faces).Select(face => face.Found).ShouldBe(photos);
            foreach (Scene scene in scenes)
            {
                Vector2[] places = [.. scene.Faces.Select(face => face.ToScene.Apply(new Vector2(FaceAligner.Size / 2f)))];
                places.SelectMany((a, i) => places.Skip(i + 1).Select(b => Vector2.Distance(a, b))).ShouldAllBe(
                    distance => distance > height);
            }
        }, iter: 20);
    }

    [Fact]
    public void Mistakes_OfFacesThatWereNotFound_CanBeShownOnAPage()
    {
        Scene scene = new SceneComposer(seed: 3).Compose([Photo()], height: 40, SceneCondition.Named("clean")!).Single();
        var mistakes = new Mistakes(most: 2);

        mistakes.Add(
            SceneCondition.Named("clean")!, 40, [new SceneProbe(scene.Faces[0], scene, Face: null, double.NaN)], new HashSet<SceneProbe>());

        ReportPicture picture = mistakes.Pictures.ShouldHaveSingleItem();
        new HtmlPage("Scenes").Picture(picture).ToString().ShouldContain("<figcaption>Not found, clean, 40 px: 1</figcaption>");
    }

    [Fact]
    public void Compose_SameSeed_IsTheSameFile()
    {
        FoundPhoto[] photos = [Photo()];

        byte[] File(int seed) => new SceneComposer(seed).Compose(photos, 16, SceneCondition.Named("noise")!).Single().File;

        File(1).ShouldBe(File(1));
        File(1).ShouldNotBe(File(2));
    }

    [Fact]
    public void Empty_PhotosWithRoomBesideTheFace_ShowsThatAndNoDot()
    {
        Scene[] frames = [.. new SceneComposer(seed: 1).Empty([Photo()], 2, SceneCondition.Named("clean")!)];

        frames.Length.ShouldBe(2);
        frames.ShouldAllBe(frame => frame.Faces.Count == 0 && frame.Pixels.Width == 640 && frame.Pixels.Height == 480);
        // The photo is dark but for its dot, and all of the frame is made of the photo.
        Light(frames[0].Pixels, new Vector2(100, 100)).ShouldBeLessThan(40);
    }

    [Fact]
    public void Empty_PhotosThatAreAllFace_MakesFramesWithoutThem()
    {
        FoundPhoto photo = Photo();
        photo = photo with { Face = photo.Face with { Box = new FaceBox(0, 0, PhotoWidth, PhotoHeight) } };

        new SceneComposer(seed: 1).Empty([photo], 1, SceneCondition.Named("clean")!).ShouldHaveSingleItem().Faces.ShouldBeEmpty();
    }

    // A dark photo with a light dot in the middle of its face.
    private FoundPhoto Photo()
    {
        var photo = new RgbImage(PhotoWidth, PhotoHeight);
        photo.Pixels.AsSpan().Fill(20);
        for (int y = 0; y < PhotoHeight; y++)
        {
            for (int x = 0; x < PhotoWidth; x++)
            {
                if (Vector2.Distance(new Vector2(x + 0.5f, y + 0.5f), Middle) < Dot)
                    photo.Row(y).Slice(x * RgbImage.Channels, RgbImage.Channels).Fill(250);
            }
        }

        string path = _folder.Write("photo.png", ImageEncoder.EncodePng(photo));
        float scale = (float)Side / FaceAligner.Size;
        var toImage = new SimilarityTransform(scale, 0, Middle - new Vector2(Side / 2f));
        var box = new FaceBox(Middle.X - Side / 2f, Middle.Y - Side / 2f, Side, Side);
        return new FoundPhoto(
            new ScenePhoto(path, 0), new LocatedFace(box, new RgbImage(FaceAligner.Size, FaceAligner.Size), new(toImage, 0, 1), 1), []);
    }

    private static double Light(RgbImage image, Vector2 place)
    {
        int x = Math.Clamp((int)place.X, 0, image.Width - 1), y = Math.Clamp((int)place.Y, 0, image.Height - 1);
        return image.Row(y).Slice(x * RgbImage.Channels, RgbImage.Channels).ToArray().Average(value => value);
    }
}
