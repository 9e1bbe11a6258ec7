using System.Security.Cryptography;
using System.Text.Json;
using IpuNet.Contract;
using IpuNet.Faces.Models;
using IpuNet.Faces.Policies;

namespace IpuNet.Faces.Tests.Models;

public sealed class ModelStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ipunet-models-").FullName;
    private readonly ModelStore _store;

    public ModelStoreTests() => _store = new ModelStore(_folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Find_InstalledModel_IsWhatWasInstalled()
    {
        _store.Install(Manifest("net"), [1, 2, 3]);
        InstalledModel found = _store.Find("net@1");

        found.ReadVerified().ShouldBe([1, 2, 3]);
        found.Manifest.ShouldBe(Manifest("net") with { Sha256 = "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81" });
        found.Path.ShouldBe(Path.Combine(_folder, "net", "1", "model.onnx"));
    }

    [Fact]
    public void Find_NameAlone_IsTheHighestVersion()
    {
        foreach (int version in new[] { 9, 10, 2 })
            _store.Install(Manifest("net", version), [(byte)version]);

        _store.Find("net").Id.ShouldBe("net@10");
        _store.NextVersion("net").ShouldBe(11);
    }

    [Theory]
    [InlineData("other")]
    [InlineData("net@2")]
    [InlineData("../net@1")]
    public void Find_UnknownModel_NamesThoseThereAre(string id)
    {
        _store.Install(Manifest("net"), [1]);

        Should.Throw<FaceDataException>(() => _store.Find(id)).Message.ShouldBe($"There is no model '{id}' in {_folder}. It has net@1.");
    }

    [Fact]
    public void Install_ManifestWithBandsAndQuotes_WritesThemAsPeopleReadThem()
    {
        var bands = ResolutionBand.All.Select(band => new BandPolicy(band, Enhance: true, Threshold: 0.9f));
        InstalledModel model = _store.Install(
            Manifest("net") with { Note = "Experiment 'default'.", Policies = [new RecognitionPolicy("dlib-resnet29@1", 0.001, bands)] },
            [1]);

        string json = File.ReadAllText(Path.Combine(Path.GetDirectoryName(model.Path)!, InstalledModel.ManifestFile));

        json.ShouldContain("Experiment 'default'.");
        json.ShouldContain("\"band\": \">=96\"");
    }

    [Fact]
    public void ReadVerified_DamagedFile_NamesFileAndBothHashes()
    {
        InstalledModel model = _store.Install(Manifest("net"), [1, 2, 3]);
        File.WriteAllBytes(model.Path, [1, 2, 4]);

        string message = Should.Throw<FaceDataException>(model.ReadVerified).Message;

        message.ShouldContain(model.Path);
        message.ShouldContain("039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81");
        message.ShouldContain(Convert.ToHexStringLower(SHA256.HashData([1, 2, 4])));
    }

    [Fact]
    public void ReadVerified_MissingFile_NamesIt()
    {
        InstalledModel model = _store.Install(Manifest("net"), [1, 2, 3]);
        File.Delete(model.Path);

        Should.Throw<FaceDataException>(model.ReadVerified).Message.ShouldContain(model.Path);
    }

    [Fact]
    public void Install_SameVersionWithAnotherFile_IsRefused()
    {
        _store.Install(Manifest("net"), [1]);

        Should.Throw<FaceDataException>(() => _store.Install(Manifest("net"), [2])).Message.ShouldContain("version 2");
        _store.Find("net@1").ReadVerified().ShouldBe([1]);
    }

    [Theory]
    [InlineData("Net", 1)]
    [InlineData("../net", 1)]
    [InlineData("", 1)]
    [InlineData("net", 0)]
    public void Install_ImpossibleId_IsRefused(string name, int version) =>
        Should.Throw<FaceDataException>(() => _store.Install(Manifest(name, version), [1])).Message.ShouldContain($"'{name}@{version}'");

    [Fact]
    public void FindCurrent_AfterUse_IsThatModel()
    {
        _store.Use(_store.Install(Manifest("net"), [1]));
        _store.Use(_store.Install(Manifest("other") with { Kind = ModelKind.Detector }, [2]));

        _store.FindCurrent(ModelKind.Recogniser).Id.ShouldBe("net@1");
        _store.FindCurrent(ModelKind.Detector).Id.ShouldBe("other@1");
        File.ReadAllText(Path.Combine(_folder, "current.json"))
            .ShouldBe("{\n  \"schema\": 1,\n  \"recogniser\": \"net@1\",\n  \"detector\": \"other@1\"\n}\n");
    }

    [Fact]
    public void FindCurrent_NoneInUse_SaysWhatIsInstalled()
    {
        _store.Install(Manifest("net"), [1]);

        Should.Throw<FaceDataException>(
            () => _store.FindCurrent(ModelKind.Aligner)).Message.ShouldContain("names no aligner. Installed models: net@1.");
    }

    [Fact]
    public void FindCurrent_ModelOfAnotherKind_IsRefused()
    {
        _store.Install(Manifest("net"), [1]);
        File.WriteAllText(Path.Combine(_folder, "current.json"), """{"schema":1,"enhancer":"net@1"}""");

        Should.Throw<FaceDataException>(() => _store.FindCurrent(ModelKind.Enhancer)).Message.ShouldContain("net@1");
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"schema":2,"name":"net","version":1,"kind":"recogniser","architecture":"a","input":{"width":1,"height":1}}""")]
    [InlineData("""{"schema":1,"name":"net","version":1,"kind":"oracle","architecture":"a","input":{"width":1,"height":1}}""")]
    [InlineData("""{"schema":1,"name":"net","version":1,"kind":"recogniser","architecture":"a"}""")]
    [InlineData("""{"schema":1,"name":"net","version":2,"kind":"recogniser","architecture":"a","input":{"width":1,"height":1}}""")]
    public void Find_UnusableManifest_NamesItsFile(string json)
    {
        InstalledModel model = _store.Install(Manifest("net"), [1]);
        string path = Path.Combine(Path.GetDirectoryName(model.Path)!, "manifest.json");
        File.WriteAllText(path, json);

        Should.Throw<FaceDataException>(() => _store.Find("net@1")).Message.ShouldStartWith(path);
    }

    [Fact]
    public void Update_PolicyAndEvaluation_ComeBack()
    {
        InstalledModel model = _store.Install(Manifest("net") with { Kind = ModelKind.Enhancer }, [1]);
        RecognitionPolicy policy = Policy("rec@1", threshold: 0.5f);

        _store.Update(model.Manifest with { Policies = [policy], Evaluation = JsonDocument.Parse("""{"rank1":0.5}""").RootElement });

        ModelManifest manifest = _store.Find("net").Manifest;
        manifest.PolicyFor(policy.Recogniser).ShouldBe(policy);
        manifest.Evaluation!.Value.GetProperty("rank1").GetDouble().ShouldBe(0.5);
        manifest.Sha256.ShouldBe(model.Manifest.Sha256);
    }

    [Fact]
    public void Update_PoliciesForTwoRecognisers_BothComeBack()
    {
        InstalledModel model = _store.Install(Manifest("net") with { Kind = ModelKind.Enhancer }, [1]);

        _store.Update(model.Manifest.With(Policy("one@1", 0.9f)).With(Policy("two@1", 0.4f)).With(Policy("one@1", 0.8f)));

        ModelManifest manifest = _store.Find("net").Manifest;
        manifest.Policies.ShouldNotBeNull().Count.ShouldBe(2);
        manifest.RequirePolicy("one@1").Bands[0].Threshold.ShouldBe(0.8f);
        manifest.RequirePolicy("two@1").Bands[0].Threshold.ShouldBe(0.4f);
    }

    [Fact]
    public void RequirePolicy_OfARecogniserThatWasNotMeasured_NamesItAndThoseThatWere()
    {
        ModelManifest manifest = Manifest("net").With(Policy("one@1", 0.9f)).With(Policy("two@1", 0.9f));

        var error = Should.Throw<FaceDataException>(() => manifest.RequirePolicy("three@1"));

        foreach (string named in (string[])["net@1", "'one@1', 'two@1'", "'three@1'", "ipunet evaluate --write-policy"])
            error.Message.ShouldContain(named);
    }

    [Fact]
    public void FromJson_TwoPoliciesForOneRecogniser_IsRefused()
    {
        ModelManifest manifest = Manifest("net") with { Policies = [Policy("one@1", 0.9f), Policy("one@1", 0.8f)] };

        Should.Throw<FaceDataException>(
            () => ModelManifest.FromJson(manifest.ToJson(), "manifest.json")).Message.ShouldContain("two for the recogniser 'one@1'");
    }

    [Fact]
    public void WithRecogniser_OfTheStore_IsInUseThereAndNotInTheFile()
    {
        _store.Use(_store.Install(Manifest("one"), [1]));
        _store.Install(Manifest("two"), [2]);

        ModelStore other = _store.WithRecogniser("two");

        other.FindCurrent(ModelKind.Recogniser).Id.ShouldBe("two@1");
        _store.Current.Recogniser.ShouldBe("one@1");
        other.Use(_store.Install(Manifest("net") with { Kind = ModelKind.Enhancer }, [3]));
        _store.Current.ShouldBe(new CurrentModels { Recogniser = "one@1", Enhancer = "net@1" });
    }

    [Fact]
    public void Install_SameFileOnceMore_KeepsWhatWasMeasured()
    {
        InstalledModel model = _store.Install(Manifest("net"), [1]);
        _store.Update(model.Manifest with { Evaluation = JsonDocument.Parse("""{"rank1":0.5}""").RootElement });

        ModelManifest manifest = _store.Install(Manifest("net") with { Note = "new" }, [1]).Manifest;

        manifest.Note.ShouldBe("new");
        manifest.Evaluation.ShouldNotBeNull();
    }

    [Fact]
    public void Ids_NoFolder_AreNone() => new ModelStore(Path.Combine(_folder, "none")).Ids.ShouldBeEmpty();

    private static RecognitionPolicy Policy(string recogniser, float threshold) =>
        new(recogniser, 0.001, ResolutionBand.All.Select(band => new BandPolicy(band, Enhance: true, threshold)));

    private static ModelManifest Manifest(string name, int version = 1) => new()
    {
        Name = name,
        Version = version,
        Kind = ModelKind.Recogniser,
        Architecture = "net",
        Input = new ModelInput(128, 128),
    };
}
