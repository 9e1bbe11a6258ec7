using System.Text;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Models;
using IpuNet.Faces.Policies;
using IpuNet.Faces.Tests.Gallery;

namespace IpuNet.Faces.Tests.Files;

public sealed class DamagedFilesTests
{
    [Fact]
    public void SubjectRecord_Damaged_IsReadAndWrittenAgainOrRefused() => Survive(
        [Enrolled.Subject("ada", 1).ToJson(), Enrolled.Subject("ada", Enrolled.Vector(1, 128), Enrolled.Vector(2, 128)).ToJson()],
        json =>
        {
            byte[] written = SubjectRecord.FromJson(json, "ada.json").ToJson();
            SubjectRecord.FromJson(written, "ada.json").ToJson().ShouldBe(written);
        });

    [Fact]
    public void Manifest_Damaged_IsReadAndWrittenAgainOrRefused() => Survive(
        Shipped("manifest.json"),
        json => ModelFiles.ToJson(
            ModelFiles.FromJson(json, "manifest.json", ModelJson.Default.ModelManifest, manifest => manifest.Schema),
            ModelJson.Default.ModelManifest));

    [Fact]
    public void CurrentModels_Damaged_IsReadAndWrittenAgainOrRefused() =>
        Survive(Shipped("current.json"), json => CurrentModels.FromJson(json, "current.json").ToJson());

    [Fact]
    public void RecognitionPolicy_Damaged_IsReadAndWrittenAgainOrRefused() => Survive(
        [
            new RecognitionPolicy("r@1", 0.01, ResolutionBand.All.Select(band =>
                new BandPolicy(band, true, 0.5f, 0.4f) { Expected = new(0.9f, 0.5f, 0.6f, 0.7f) })).ToJson(),
        ],
        json => RecognitionPolicy.Parse(json, "policy").ToJson());

    [Fact]
    public void ImageAnswer_Damaged_IsReadAndWrittenAgainOrRefused() => Survive(
        ["""
         {"schema":1,"image":"uploads/b/1.png","status":"ok","reason":null,"models":{"enhancer":"e@1","recogniser":"r@1","detector":"d@1"},
          "faces":[{"box":[1,2,3,4],"sourceHeight":16,"band":"12-19","enhanced":true,"image":null,"decision":"known","threshold":0.9,
          "far":0.001,"matches":[{"subjectId":"ada","score":0.95}]}]}
         """u8.ToArray()],
        json => ImageAnswer.FromJson(json, "1.png.json").ToJson());

    [Theory]
    [InlineData("\"kind\": \"recogniser\"", "\"kind\": 1", "kind")]
    [InlineData("\"kind\": \"recogniser\"", "\"kind\": \"Recogniser\"", "kind")]
    [InlineData("\"version\": 1", "\"version\": \"1\"", "version")]
    [InlineData("\"version\": 1", "\"version\": 1, \"version\": 2", "version")]
    [InlineData("\"version\": 1", "\"Version\": 1", "version")]
    [InlineData("\"version\": 1", "\"version\": 1, \"trainedOn\": [null]", "trainedOn")]
    [InlineData("\"version\": 1", "\"version\": 1, \"settings\": {\"threshold\": 1e999}", "settings")]
    public void Manifest_ThatIsAlmostOne_IsRefusedAndSaysWhere(string good, string bad, string named)
    {
        string json = Encoding.UTF8.GetString(
            Shipped("manifest.json").Single(file => Encoding.UTF8.GetString(file).Contains("dlib-resnet29\",", StringComparison.Ordinal)));
        json.ShouldContain(good);

        Should.Throw<FaceDataException>(() => ModelFiles.FromJson(
            Encoding.UTF8.GetBytes(json.Replace(good, bad, StringComparison.Ordinal)), "manifest.json", ModelJson.Default.ModelManifest,
            manifest => manifest.Schema))
            .Message.ShouldContain(named);
    }

    private static byte[][] Shipped(string name) => [.. Directory.GetFiles(ModelStore.Locate().Root, name, SearchOption.AllDirectories)
        .Where(file => !file.Contains("node_modules", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];

    private static void Survive(byte[][] files, Action<byte[]> read) => Mutations.Survive(files, read, error => error is FaceDataException);
}
