using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Networks;
using IpuNet.Training.Data;
using IpuNet.Training.Degradation;
using IpuNet.Training.Experiments;
using IpuNet.Training.Losses;
using IpuNet.Training.Training;

namespace IpuNet.Training.Tests;

/// <summary>A folder with a small set of made-up faces, an experiment over it, and room for its runs.</summary>
internal sealed class TrainingFolder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("ipunet-training-").FullName;

    public TrainingFolder(int people = 4, int imagesEach = 3)
    {
        for (int person = 0; person < people; person++)
        {
            string folder = Directory.CreateDirectory(Path.Combine(_root, "faces", $"person{person}")).FullName;
            for (int image = 0; image < imagesEach; image++)
                File.WriteAllBytes(Path.Combine(folder, $"{image}.png"), ImageEncoder.EncodePng(Picture(person, image)));
        }
        Recogniser = new FrozenRecogniser(new DlibResNet29(), WeightDeclarations.Randomise(new DlibResNet29(), seed: 5, deviation: 0.05f));
    }

    public FrozenRecogniser Recogniser { get; }

    public string Data => _root;

    public string Run(string name) => Path.Combine(_root, "runs", name);

    public static EnhancerExperiment Experiment(int steps = 4) => new()
    {
        Name = "test",
        Data = new DataOptions { Sets = [new ImageSet { Folder = "faces", Identities = true }] },
        Network = new UNetOptions { Width = 4 },
        Losses = new LossOptions
        {
            Pixel = 2,
            PixelKind = PixelLoss.L1,
            Identity = 4,
            IdentityKind = IdentityDistance.Cosine,
            Contrast = 0.1,
            Bottleneck = 1,
        },
        View = new ViewOptions { Shift = 3, Scale = 0.05, Rotation = 5, Blur = 1, Noise = 2 },
        Schedule = new ScheduleOptions { Batch = 2, Steps = steps, Warmup = 2, CheckpointEvery = 100 },
        Validation = new ValidationOptions { Every = 0, People = 2, Sizes = [16], Pictures = 2 },
    };

    /// <summary>The same faces for a very narrow FaceNet.</summary>
    public static RecogniserExperiment Distillation(int steps = 4) => new()
    {
        Name = "student",
        Data = Experiment().Data,
        Student = new InceptionResNetOptions { Dimensions = DlibResNet29.Dimensions, Narrowing = 16 },
        Losses = new IdentityLossOptions { Identity = 1, IdentityKind = IdentityDistance.Cosine, Contrast = 0.5 },
        Degradation = new DegradationOptions { Sizes = ["128x128", "32x32"] },
        Schedule = Experiment(steps).Schedule,
        Validation = Experiment().Validation with { Sizes = [32, 128] },
    };

    public Trainer Trainer(Experiment experiment, string run)
    {
        FaceSplit split = FaceSplit.Create(FaceSet.Find(experiment.Data, _root), experiment.Validation.People, experiment.Seed);
        AlignedFaces faces = AlignedFaces.Load(split.Training, experiment.Data.CacheMegabytes);
        return new Trainer(experiment, Run(run), faces, split, Recogniser, "test");
    }

    public void Dispose()
    {
        Recogniser.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    // Smooth blobs that depend on the person, moved a little from image to image.
    private static RgbImage Picture(int person, int image)
    {
        var picture = new RgbImage(FaceAligner.Size, FaceAligner.Size);
        for (int y = 0; y < FaceAligner.Size; y++)
        {
            for (int x = 0; x < FaceAligner.Size; x++)
            {
                for (int c = 0; c < 3; c++)
                    picture.Row(y)[x * 3 + c] = (byte)(
                        127 + 120 * Math.Sin((x + image) * 0.02 * (person + 1) + c) * Math.Cos((y - image) * 0.03 * (person + 2)));
            }
        }
        return picture;
    }
}
