using IpuNet.Contract;
using IpuNet.Faces.Models;
using IpuNet.Testing.Golden;
using IpuNet.Training.Import;

namespace IpuNet.Training.Tests.Import;

public sealed class FaceApiImportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ipunet-import-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Run_ThePackage_GivesTheShippedModels()
    {
        ModelStore shipped = ModelStore.Locate();

        IReadOnlyList<InstalledModel> imported = FaceApiImport.Run(await FaceApiGolden.RequirePackageAsync(), _folder);

        imported.Select(m => m.Manifest.Kind).ShouldBe([ModelKind.Recogniser, ModelKind.Landmarks]);
        foreach (InstalledModel model in imported)
            model.ReadVerified().ShouldBe(shipped.Find(model.Id).ReadVerified());
        new ModelStore(_folder).Current.ShouldBe(new CurrentModels { Recogniser = imported[0].Id });
    }

    [Theory]
    [InlineData("""{"name":"@vladmandic/face-api","version":"1.7.14"}""", "@vladmandic/face-api@1.7.14")]
    [InlineData("""{"name":"left-pad","version":"1.7.15"}""", "left-pad@1.7.15")]
    [InlineData("""{"name":"@vladmandic/face-api"}""", "npm install")]
    [InlineData("[]", "npm install")]
    [InlineData("", "npm install")]
    public void Run_AnotherPackage_IsRefused(string json, string part)
    {
        File.WriteAllText(Path.Combine(_folder, "package.json"), json);

        Should.Throw<FaceDataException>(() => FaceApiImport.Run(_folder, _folder)).Message.ShouldContain(part);
    }

    [Fact]
    public void Run_PackageWithoutWeights_NamesTheMissingFile()
    {
        File.WriteAllText(Path.Combine(_folder, "package.json"), """{"name":"@vladmandic/face-api","version":"1.7.15"}""");

        Should.Throw<FaceDataException>(() => FaceApiImport.Run(_folder, _folder))
            .Message.ShouldContain("face_recognition_model-weights_manifest.json");
    }
}
