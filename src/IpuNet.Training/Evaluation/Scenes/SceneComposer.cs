using System.Numerics;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Training.Data;

namespace IpuNet.Training.Evaluation.Scenes;

/// <summary>A photo and what was found in it at full size.</summary>
/// <param name="Photo">The photo.</param>
/// <param name="Face">The person's face.</param>
/// <param name="Others">The boxes of other faces, in pixels of the photo.</param>
internal sealed record FoundPhoto(ScenePhoto Photo, LocatedFace Face, IReadOnlyList<FaceBox> Others);

/// <summary>An image that a camera could have made.</summary>
/// <param name="File">The file.</param>
/// <param name="Pixels">The image before its file was compressed.</param>
/// <param name="Faces">The photos in it.</param>
internal sealed record Scene(byte[] File, RgbImage Pixels, IReadOnlyList<PastedFace> Faces);

/// <summary>A photo in a scene.</summary>
/// <param name="Found">The photo.</param>
/// <param name="ToScene">Maps pixels of the aligned face to pixels of the scene.</param>
/// <param name="Others">The boxes of other faces, in pixels of the scene.</param>
internal sealed record PastedFace(FoundPhoto Found, SimilarityTransform ToScene, IReadOnlyList<FaceBox> Others);

/// <summary>
/// Pastes shrunk photos into frames of 640 x 480 px, six at most in a frame, each in a cell of its own. Around them are smooth colours with
/// a little grain.
/// </summary>
/// <param name="seed">Everything random derives from it.</param>
internal sealed class SceneComposer(int seed)
{
    /// <summary>Size of a frame in pixels.</summary>
    public const int Width = 640, Height = 480;

    private const int Across = 3, Down = 2;
    private const int CellWidth = Width / Across, CellHeight = Height / Down;

    // Frames of a condition get other random numbers than those of another.
    private const int EmptyFrames = 1 << 20;

    /// <summary>Makes the scenes of a condition: each photo is in one of them.</summary>
    /// <param name="photos">The photos.</param>
    /// <param name="height">The height of the faces in pixels.</param>
    /// <param name="condition">The condition.</param>
    public IEnumerable<Scene> Compose(IEnumerable<FoundPhoto> photos, int height, SceneCondition condition)
    {
        int scene = 0;
        foreach (FoundPhoto[] together in photos.Chunk(condition.Crop is null ? Across * Down : 1))
        {
            Random random = SeededRandom.Create(seed + height, scene++);
            yield return condition.Crop is { } reach
                ? Cut(together[0], height, reach, condition, random)
                : Frame(together, height, condition, random);
        }
    }

    /// <summary>Makes frames without faces, of the parts of photos beside the faces.</summary>
    /// <param name="photos">The photos.</param>
    /// <param name="count">The number of frames.</param>
    /// <param name="condition">The condition.</param>
    public IEnumerable<Scene> Empty(IReadOnlyList<FoundPhoto> photos, int count, SceneCondition condition)
    {
        int next = 0;
        for (int i = 0; i < count && photos.Count > 0; i++)
        {
            Random random = SeededRandom.Create(seed, EmptyFrames + i);
            RgbImage frame = Background(random);
            for (int cell = 0; cell < Across * Down; cell++)
            {
                // Some photos are all face. The next one has room beside it.
                RgbImage? part = null;
                for (int tried = 0; part is null && tried < photos.Count; tried++)
                    part = PartWithoutFace(photos[next++ % photos.Count]);
                if (part is not null)
                    frame.Paste(part, cell % Across * CellWidth, cell / Across * CellHeight);
            }

            yield return Finish(frame, [], condition, random);
        }
    }

    private static Scene Frame(FoundPhoto[] photos, int height, SceneCondition condition, Random random)
    {
        RgbImage frame = Background(random);
        var faces = new List<PastedFace>();
        for (int cell = 0; cell < photos.Length; cell++)
        {
            ShrunkPhoto shrunk = Shrink(photos[cell], height, Turn(condition, random), CellWidth, CellHeight);
            int x = cell % Across * CellWidth + random.Next(CellWidth - shrunk.Pixels.Width + 1);
            int y = cell / Across * CellHeight + random.Next(CellHeight - shrunk.Pixels.Height + 1);
            frame.Paste(shrunk.Pixels, x, y);
            faces.Add(shrunk.At(photos[cell], new Vector2(x, y)));
        }

        return Finish(frame, faces, condition, random);
    }

    // The crop that a program makes of a detector's box: around its middle, clipped to the photo.
    private static Scene Cut(FoundPhoto found, int height, float reach, SceneCondition condition, Random random)
    {
        ShrunkPhoto shrunk = Shrink(found, height, Turn(condition, random), Width, Height);
        FaceBox box = shrunk.Box(found.Face.Box);
        float side = reach * MathF.Max(box.Width, box.Height);
        int left = Math.Clamp((int)MathF.Round(box.X + (box.Width - side) / 2), 0, shrunk.Pixels.Width - 1);
        int top = Math.Clamp((int)MathF.Round(box.Y + (box.Height - side) / 2), 0, shrunk.Pixels.Height - 1);
        int right = Math.Clamp((int)MathF.Round(box.X + (box.Width + side) / 2), left + 1, shrunk.Pixels.Width);
        int bottom = Math.Clamp((int)MathF.Round(box.Y + (box.Height + side) / 2), top + 1, shrunk.Pixels.Height);
        RgbImage crop = shrunk.Pixels.Crop(left, top, right - left, bottom - top);
        return Finish(crop, [shrunk.At(found, new Vector2(-left, -top))], condition, random);
    }

    private static float Turn(SceneCondition condition, Random random) =>
        (float)((random.NextDouble() * 2 - 1) * condition.Turn * Math.PI / 180);

    // Cuts out what has room, turns it at full size, and shrinks it by averaging areas, as a sensor does.
    private static ShrunkPhoto Shrink(FoundPhoto found, int height, float angle, int mostWidth, int mostHeight) =>
        DecodedMemory.Use(found.Photo.Path, photo =>
        {
            float scale = height / found.Face.SourceHeight;
            Vector2 middle = found.Face.ToImage.Apply(new Vector2(FaceAligner.Size / 2f));
            (int x, int width) = Span(middle.X, photo.Width, (int)(mostWidth / scale));
            (int y, int rows) = Span(middle.Y, photo.Height, (int)(mostHeight / scale));
            RgbImage part = photo.Crop(x, y, width, rows);
            var toPart = new SimilarityTransform(1, 0, new Vector2(-x, -y));
            if (angle != 0f)
            {
                SimilarityTransform turn = SimilarityTransform.About(middle - new Vector2(x, y), angle);
                part = FaceAligner.Move(part, turn.Inverse());
                toPart = toPart.Then(turn);
            }

            int newWidth = Math.Clamp((int)MathF.Round(width * scale), 1, mostWidth);
            int newHeight = Math.Clamp((int)MathF.Round(rows * scale), 1, mostHeight);
            float actual = ((float)newWidth / width + (float)newHeight / rows) / 2;
            return new ShrunkPhoto(
                Resampler.Resize(part, newWidth, newHeight), toPart.Then(new SimilarityTransform(actual, 0, Vector2.Zero)));
        });

    private static (int Start, int Length) Span(float middle, int size, int most)
    {
        int length = Math.Clamp(most, 1, size);
        return ((int)Math.Clamp(middle - length / 2f, 0, size - length), length);
    }

    // The wider side of the face, enlarged to a cell.
    private static RgbImage? PartWithoutFace(FoundPhoto found) => DecodedMemory.Use(found.Photo.Path, photo =>
    {
        FaceBox[] faces = [found.Face.Box, .. found.Others];
        float margin = faces.Max(box => box.Width) / 4;
        int left = (int)Math.Clamp(faces.Min(box => box.X) - margin, 0, photo.Width);
        int right = (int)Math.Clamp(faces.Max(box => box.Right) + margin, 0, photo.Width);
        (int x, int width) = left >= photo.Width - right ? (0, left) : (right, photo.Width - right);
        if (width < photo.Width / 8)
            return null;
        int height = Math.Min(photo.Height, width * CellHeight / CellWidth);
        return Resampler.Resize(photo.Crop(x, 0, width, height), CellWidth, CellHeight);
    });

    private static RgbImage Background(Random random)
    {
        const int grain = 4;
        var colours = new RgbImage(8, 6);
        random.NextBytes(colours.Pixels);
        RgbImage frame = Resampler.Resize(colours, Width, Height, ResampleFilter.Bicubic);
        foreach (ref byte value in frame.Pixels.AsSpan())
            value = (byte)Math.Clamp(value + random.Next(-grain, grain + 1), 0, 255);
        return frame;
    }

    private static Scene Finish(RgbImage frame, IReadOnlyList<PastedFace> faces, SceneCondition condition, Random random)
    {
        if (condition.Light != 1f)
            Dim(frame, condition.Light);
        if (condition.Blur > 0)
            frame = GaussianBlur.Apply(frame, condition.Blur);
        if (condition.Noise > 0)
            CameraEffects.AddNoise(frame, condition.Noise, random);
        if (condition.Grey)
            CameraEffects.LoseColour(frame);
        byte[] file = condition.Jpeg is { } quality ? ImageEncoder.EncodeJpeg(frame, quality) : ImageEncoder.EncodePng(frame);
        return new Scene(file, frame, faces);
    }

    private static void Dim(RgbImage frame, double light)
    {
        foreach (ref byte value in frame.Pixels.AsSpan())
            value = (byte)Math.Round(value * light);
    }

    private sealed record ShrunkPhoto(RgbImage Pixels, SimilarityTransform FromPhoto)
    {
        public PastedFace At(FoundPhoto found, Vector2 place)
        {
            SimilarityTransform toScene = FromPhoto.Then(new SimilarityTransform(1, 0, place));
            return new PastedFace(
                found, found.Face.ToImage.Then(toScene), [.. found.Others.Select(other => Moved(other, toScene))]);
        }

        public FaceBox Box(FaceBox inPhoto) => Moved(inPhoto, FromPhoto);

        // A turned box keeps its size: faces stay about as wide and as high.
        private static FaceBox Moved(FaceBox box, SimilarityTransform transform)
        {
            Vector2 middle = transform.Apply(new Vector2(box.X + box.Width / 2, box.Y + box.Height / 2));
            float width = box.Width * transform.Scale, height = box.Height * transform.Scale;
            return new FaceBox(middle.X - width / 2, middle.Y - height / 2, width, height);
        }
    }
}
