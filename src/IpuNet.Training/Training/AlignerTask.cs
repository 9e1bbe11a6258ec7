using System.Numerics;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Files;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Networks;
using IpuNet.Training.Aligning;
using IpuNet.Training.Data;
using IpuNet.Training.Experiments;
using IpuNet.Training.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace IpuNet.Training.Training;

/// <summary>Trains an aligner on squares whose faces lie where they were drawn.</summary>
internal sealed class AlignerTask : ITrainingTask
{
    // A batch norm follows most layers.
    private const float KernelDeviation = 0.03f;

    // Limits of the expected error, as its logarithm.
    private const float LeastError = -7, MostError = 2;

    private readonly AlignerExperiment _experiment;
    private readonly LabelledPhotos _photos;
    private readonly SquareDrawing _drawing;
    private readonly EpochOrder _order;

    /// <param name="experiment">The experiment.</param>
    /// <param name="photos">The photos to train on, at least one.</param>
    /// <param name="validation">Photos of other people. Without any, or if the experiment says so, there is no validation.</param>
    public AlignerTask(AlignerExperiment experiment, LabelledPhotos photos, LabelledPhotos validation)
    {
        (_experiment, _photos) = (experiment, photos);
        _drawing = new SquareDrawing(experiment.Aligner, experiment.Data.Flip);
        _order = new EpochOrder(photos.Count, experiment.Seed);
        Validator = validation.Count > 0 && experiment.Validation.Every > 0
            ? new AlignerValidator(Network, experiment, _drawing, validation)
            : null;
    }

    public INetwork Network { get; } = new AlignerNet();

    public IReadOnlyDictionary<string, Parameter> Aids { get; } = new Dictionary<string, Parameter>();

    public IValidator? Validator { get; }

    public WeightSet RandomWeights() => WeightDeclarations.Randomise(Network, _experiment.Seed, KernelDeviation);

    public StepLoss Draw(int step)
    {
        int batch = _experiment.Schedule.Batch;
        int[] photos = [.. Enumerable.Range(0, batch).Select(i => _order[(long)step * batch + i])];
        var drawn = new DrawnSquare[batch];
        var views = new RgbImage[batch];
        Parallel.For(0, batch, i =>
        {
            var random = SeededRandom.Create(_experiment.Seed, (long)step * batch + i);
            var (photo, label) = _photos[photos[i]];
            drawn[i] = random.NextDouble() < _experiment.Aligner.Negatives
                ? _drawing.Negative(photo, label, random)
                : _drawing.Face(photo, label, random);
            views[i] = drawn[i].View;
        });
        byte[] pixels = new byte[batch * views[0].Pixels.Length];
        for (int i = 0; i < batch; i++)
            views[i].Pixels.CopyTo(pixels, i * views[i].Pixels.Length);
        SimilarityTransform?[] places = [.. drawn.Select(square => square.Place)];
        return weights => Loss(
            Network.Forward(new TorchOperations(weights, training: true), FaceTensors.FromBytes(pixels, batch, LooseSquare.Size))[0],
            places, _experiment.Losses);
    }

    public void Dispose()
    {
    }

    /// <summary>The weighted terms of the loss. Squares without a face count only in the last.</summary>
    /// <param name="answers">[N, 6, 1, 1].</param>
    /// <param name="places">Where the face lies in each square; null for none.</param>
    /// <param name="options">The weights.</param>
    internal static IReadOnlyList<(string Name, Tensor Value)> Loss(
        Tensor answers, IReadOnlyList<SimilarityTransform?> places, AlignerLossOptions options)
    {
        Tensor values = answers.flatten(1);
        Tensor isFace = tensor([.. places.Select(place => place is null ? 0f : 1f)]);
        Tensor faces = isFace.sum().clamp_min(RootedScalar.Of(1));
        Tensor distances = Distances(values, places);
        Tensor logError = values.select(1, 4).clamp(RootedScalar.Of(LeastError), RootedScalar.Of(MostError));
        Tensor surprise = logError + distances.detach() * (-logError).exp();
        return
        [
            ("alignment", MeanOfFaces(distances) * RootedScalar.Of(options.Alignment)),
            ("error", MeanOfFaces(surprise) * RootedScalar.Of(options.Error)),
            (
                "face",
                nn.functional.binary_cross_entropy_with_logits(values.select(1, 5), isFace) * RootedScalar.Of(options.Face)),
        ];

        Tensor MeanOfFaces(Tensor each) => (each * isFace).sum() / faces;
    }

    // The mean distance of the points of each face from the truth, in sides of the aligned face: [N].
    private static Tensor Distances(Tensor values, IReadOnlyList<SimilarityTransform?> places)
    {
        IReadOnlyList<Vector2> points = FaceAlignment.Points;
        SimilarityTransform[] faces = [.. places.Select(place => place ?? LooseSquare.Fitting)];
        Vector2[] truth = [.. faces.SelectMany(face => points.Select(face.Apply))];
        Tensor scale = tensor([.. faces.Select(face => 1 / face.Scale)]);
        Tensor px = tensor([.. points.Select(p => p.X)]).unsqueeze(0), py = tensor([.. points.Select(p => p.Y)]).unsqueeze(0);
        Tensor a = Column(0), b = Column(1);
        Tensor offX = a * px - b * py + Column(2) - Rows(truth.Select(p => p.X));
        Tensor offY = b * px + a * py + Column(3) - Rows(truth.Select(p => p.Y));
        // The root has no gradient at 0.
        return (offX * offX + offY * offY + RootedScalar.Of(1e-10)).sqrt().mean([1]) * scale;

        Tensor Column(int index) => values.select(1, index).unsqueeze(1);

        Tensor Rows(IEnumerable<float> numbers) => tensor(numbers.ToArray(), [places.Count, points.Count]);
    }
}

/// <summary>
/// Validates an aligner at several heights of faces: how far its points are from the truth, with the square as it was cut beside it, and
/// how many squares it tells rightly. It also writes a picture: for each height a row of squares, half of them turned anyhow, and a row of
/// the faces that it makes of them.
/// </summary>
internal sealed class AlignerValidator : IValidator
{
    private const int Batch = 128;
    private const string MeanName = "Error";

    private readonly INetwork _network;
    private readonly int _pictures;
    private readonly (int Height, DrawnSquare[] Faces, DrawnSquare[] Turned, DrawnSquare[] Negatives)[] _squares;

    public AlignerValidator(INetwork network, AlignerExperiment experiment, SquareDrawing drawing, LabelledPhotos photos)
    {
        (_network, _pictures) = (network, experiment.Validation.Pictures);
        _squares = [
            .. experiment.Validation.Sizes.Select(height => (
                height,
                All((photo, label, random) => drawing.Face(photo, label, random, height, anyTurn: false)),
                All((photo, label, random) => drawing.Face(photo, label, random, height, anyTurn: true)),
                All((photo, label, random) => drawing.Negative(photo, label, random, height))))];

        DrawnSquare[] All(Func<RgbImage, FaceLabel, Random, DrawnSquare> draw)
        {
            var drawn = new DrawnSquare[photos.Count];
            Parallel.For(0, drawn.Length, i =>
            {
                var (photo, label) = photos[i];
                drawn[i] = draw(photo, label, SeededRandom.Create(experiment.Seed, -1 - i));
            });
            return drawn;
        }
    }

    public ValidationResult Run(WeightSet averaged, int step, string pictures)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TorchWeights weights = TorchWeights.Load(_network, averaged, trainable: false);
        var operations = new TorchOperations(weights);
        var rows = new List<ValidationRow>();
        var tiles = new List<RgbImage>();
        int shown = Math.Min(_pictures, _squares[0].Faces.Length);
        foreach (var (height, faces, turned, negatives) in _squares)
        {
            FaceAlignment[] ofFaces = Align(operations, faces), ofTurned = Align(operations, turned);
            rows.Add(Row(height, faces, ofFaces, Errors(turned, ofTurned), Align(operations, negatives)));
            var shownFaces = turned[..(shown / 2)].Zip(ofTurned).Concat(faces.Zip(ofFaces)).Take(shown).ToArray();
            tiles.AddRange(shownFaces.Select(face => FaceAligner.FromCrop(face.First.View)));
            tiles.AddRange(shownFaces.Select(face => FaceAligner.Cut(face.First.Photo, face.Second.ToPhoto, FaceAligner.Size)));
        }

        AtomicFile.Write(pictures, ImageEncoder.EncodePng(FaceTile.Compose(tiles, shown, gap: 2)), durable: false);
        return new ValidationResult(step, 1 - rows.Average(row => row.Measures.Single(measure => measure.Name == MeanName).Value), rows);
    }

    private static ValidationRow Row(
        int height, DrawnSquare[] faces, FaceAlignment[] answers, double[] errorsOfTurned, FaceAlignment[] ofNegatives)
    {
        const string error = "0.0000", share = "0.000";
        double[] errors = Errors(faces, answers);
        double asCut = faces.Average(face => Distance(LooseSquare.FaceAt(LooseSquare.Fitting, face.Square), face.Face!.Value));
        return new ValidationRow(height,
        [
            new("As cut", asCut, error),
            new(MeanName, errors.Average(), error, "error"),
            new("Median", Quantile(errors, 0.5), error),
            new("90 %", Quantile(errors, 0.9), error, "error90"),
            new("Expected", answers.Average(answer => answer.Error), error),
            new("Any turn", errorsOfTurned.Average(), error, "anyTurn"),
            new("Any turn 90 %", Quantile(errorsOfTurned, 0.9), error),
            new("Faces told", Share(answers.Count(answer => answer.FaceProbability >= 0.5f), answers.Length), share, "facesTold"),
            new("Others told", Share(ofNegatives.Count(answer => answer.FaceProbability < 0.5f), ofNegatives.Length), share, "othersTold"),
        ]);
    }

    private FaceAlignment[] Align(TorchOperations operations, DrawnSquare[] squares) =>
    [
        .. squares.Chunk(Batch).SelectMany(chunk =>
        {
            using var inner = NewDisposeScope();
            byte[] pixels = [.. chunk.SelectMany(square => square.View.Pixels)];
            float[] values = TensorBytes.ReadFloats(
                _network.Forward(operations, FaceTensors.FromBytes(pixels, chunk.Length, LooseSquare.Size))[0].flatten(1).contiguous());
            return chunk.Select((square, i) => FaceAlignment.Read(
                values.AsSpan(i * FaceAlignment.Values, FaceAlignment.Values), square.Square)).ToArray();
        }),
    ];

    private static double[] Errors(DrawnSquare[] squares, FaceAlignment[] answers) =>
        [.. squares.Zip(answers, (square, answer) => Distance(answer.ToPhoto, square.Face!.Value))];

    // The mean distance of the points, in sides of the aligned face.
    private static double Distance(SimilarityTransform found, SimilarityTransform truth)
    {
        return FaceAlignment.Points.Average(point => (double)Vector2.Distance(found.Apply(At(point)), truth.Apply(At(point))))
            / (truth.Scale * FaceAligner.Size);

        static Vector2 At(Vector2 point) => (point + new Vector2(0.5f)) * FaceAligner.Size;
    }

    private static double Quantile(double[] values, double share) =>
        values.Order().ElementAt((int)Math.Min(values.Length - 1, share * values.Length));

    private static double Share(int some, int all) => (double)some / all;
}
