using System.Numerics;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;

namespace IpuNet.Faces.Detection;

/// <summary>
/// Runs the aligner: finds how faces lie in photos, and whether they are faces. It looks twice: first at the square that is expected to
/// hold the face, then at the square where the first look saw it. Many threads may share one.
/// </summary>
public sealed class FaceStraightener : IDisposable
{
    // Sides of the aligned face in a crop, in heights of the crop: of an aligned face itself, of a detector's box with 25 % around it, and
    // of one with 60 %. A wide crop shows a face that is at most as high as the crop is wide, about.
    private static readonly float[] CropSides = [1f, 0.75f, 0.58f];
    private const float HighestCrop = 1.35f;

    private readonly OnnxSession _session;

    private FaceStraightener(OnnxSession session) => _session = session;

    /// <summary>The id of the model, such as "face-aligner@1".</summary>
    public string Id => _session.Name;

    /// <summary>Loads the aligner in use.</summary>
    /// <param name="store">The model store.</param>
    /// <param name="inference">The device, threads and batch size.</param>
    /// <exception cref="FaceDataException">No aligner is in use, it cannot be used, or the device is missing.</exception>
    public static FaceStraightener Open(ModelStore store, InferenceSettings inference)
    {
        ArgumentNullException.ThrowIfNull(store);
        return Open(store.FindCurrent(ModelKind.Aligner), inference);
    }

    /// <summary>Loads an aligner.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inference">The device, threads and batch size.</param>
    /// <exception cref="FaceDataException">The model cannot be used, or the device is missing.</exception>
    public static FaceStraightener Open(InstalledModel model, InferenceSettings inference)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(inference);
        OnnxSession session = OnnxSession.Open(model.Require(ModelKind.Aligner), inference);
        return new FaceStraightener(session.Require(LooseSquare.Size, LooseSquare.Size, TensorNames.Alignment));
    }

    /// <summary>Finds how the faces in a detector's boxes lie.</summary>
    /// <param name="faces">The photo and the box of each face.</param>
    /// <returns>One alignment for each face, in their order.</returns>
    public FaceAlignment[] Straighten(IReadOnlyList<(RgbImage Photo, FaceBox Box)> faces)
    {
        ArgumentNullException.ThrowIfNull(faces);
        return LookTwice([.. faces.Select(face => (face.Photo, LooseSquare.Of(face.Box)))]);
    }

    /// <summary>Finds how the faces in crops lie. Each crop shows one face, somehow framed.</summary>
    /// <param name="crops">The crops.</param>
    /// <returns>One alignment for each crop, in their order: of several tries the one that is most surely a face.</returns>
    public FaceAlignment[] StraightenCrops(IReadOnlyList<RgbImage> crops)
    {
        ArgumentNullException.ThrowIfNull(crops);
        FaceAlignment[] tries = LookTwice(
            [.. crops.SelectMany(crop => CropSides.Select(side => (crop, Within(crop, side))))]);
        return [.. tries.Chunk(CropSides.Length).Select(ofCrop => ofCrop.MaxBy(face => face.FaceProbability / (face.Error + 0.01f)))];
    }

    /// <summary>Runs the aligner once on each square.</summary>
    /// <param name="squares">The photo and the square: maps pixels of its view to pixels of the photo.</param>
    /// <returns>One alignment for each square, in their order.</returns>
    public FaceAlignment[] Look(IReadOnlyList<(RgbImage Photo, SimilarityTransform Square)> squares)
    {
        ArgumentNullException.ThrowIfNull(squares);
        var alignments = new FaceAlignment[squares.Count];
        _session.Run(
            squares,
            (look, target) => LooseSquare.Cut(look.Photo, look.Square).Pixels.CopyTo(target),
            (buffers, first, count) =>
            {
                for (int i = 0; i < count; i++)
                    alignments[first + i] = FaceAlignment.Read(buffers.Floats(TensorNames.Alignment, i), squares[first + i].Square);
            });
        return alignments;
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private FaceAlignment[] LookTwice((RgbImage Photo, SimilarityTransform Square)[] squares)
    {
        FaceAlignment[] first = Look(squares);
        return Look([.. squares.Zip(first, (look, seen) => (look.Photo, LooseSquare.Around(seen.ToPhoto)))]);
    }

    private static SimilarityTransform Within(RgbImage crop, float side) => LooseSquare.Around(
        new Vector2(crop.Width / 2f, crop.Height / 2f), side * Math.Min(crop.Height, HighestCrop * crop.Width), angle: 0);
}
