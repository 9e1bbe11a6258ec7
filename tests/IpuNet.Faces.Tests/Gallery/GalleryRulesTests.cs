using System.Text;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;

namespace IpuNet.Faces.Tests.Gallery;

/// <summary>The rules that galleries in folders and in storage share.</summary>
public sealed class GalleryRulesTests
{
    private const string Written =
        """{"schema":1,"createdAt":"2026-03-01T08:00:00+00:00","sources":"""
        + """[{"recogniser":"dlib-resnet29@1","alignment":"dlib-chip-128@1"}]}""";

    private static readonly EmbeddingSource A = Enrolled.Source, B = Enrolled.OtherSource;

    [Fact]
    public void ToJson_OfRules_IsWhatStorageHolds() =>
        Encoding.UTF8.GetString(new GalleryRules { CreatedAt = Enrolled.Morning, Sources = [A] }.ToJson()).ShouldBe(Written);

    [Fact]
    public void FromJson_OfWhatStorageHolds_GivesTheRules()
    {
        var rules = GalleryRules.FromJson(Encoding.UTF8.GetBytes(Written), "gallery.json");

        rules.CreatedAt.ShouldBe(Enrolled.Morning);
        rules.Sources.ShouldBe([A]);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"schema":1}""")]
    [InlineData("""{"schema":1,"createdAt":null,"sources":null}""")]
    public void FromJson_OfAGalleryOfBefore_NamesNoSources(string json) =>
        GalleryRules.FromJson(Encoding.UTF8.GetBytes(json), "gallery.json").Sources.ShouldBeNull();

    [Fact]
    public void FromJson_Damaged_NamesTheFileAndTheWayOut()
    {
        string message = Should.Throw<FaceDataException>(() => GalleryRules.FromJson("{"u8, "g/gallery.json")).Message;

        message.ShouldStartWith("g/gallery.json is damaged");
        message.ShouldContain("""Write {"schema":1} into it""");
    }

    [Fact]
    public void IsReadyFor_ASourceThatTheRulesName_IsWhateverSubjectsSay()
    {
        var rules = Of(A, B);

        rules.IsReadyFor(A, [B]).ShouldBeTrue();
        rules.IsReadyFor(B, null).ShouldBeTrue();
    }

    [Fact]
    public void IsReadyFor_AnotherSource_IsOnlyWhereNobodyIsEnrolled()
    {
        Of(A).IsReadyFor(B, [A]).ShouldBeFalse();
        Of(A).IsReadyFor(B, [A, B]).ShouldBeFalse();
        Of(A).IsReadyFor(B, null).ShouldBeTrue();
    }

    [Fact]
    public void IsReadyFor_InAGalleryOfBefore_IsWhatItsSubjectsAreEmbeddedBy()
    {
        new GalleryRules().IsReadyFor(A, [A]).ShouldBeTrue();
        new GalleryRules().IsReadyFor(B, [A]).ShouldBeFalse();
        new GalleryRules().IsReadyFor(B, null).ShouldBeTrue();
    }

    [Fact]
    public void Taking_ASourceThatTheRulesName_ChangesNothing()
    {
        var rules = Of(A, B);

        rules.Taking(A, [B]).ShouldBeSameAs(rules);
    }

    [Fact]
    public void Taking_AnotherSource_IsRefusedWhereSomebodyIsEnrolled()
    {
        Of(A).Taking(B, [A]).ShouldBeNull();
        new GalleryRules().Taking(B, [A]).ShouldBeNull();
    }

    // Else the first subject of the other source would be taken, and neither found nor followed by a second.
    [Fact]
    public void Taking_AnotherSourceWhereNobodyIsLeft_MakesTheGalleryOfThat()
    {
        var rules = Of(A).Taking(B, null)!;

        rules.Sources.ShouldBe([B]);
        rules.Taking(B, [B]).ShouldBeSameAs(rules);
    }

    [Fact]
    public void AfterReembedding_BesideTheFormer_NamesBothAndTheNewOneLast()
    {
        Of(A).AfterReembedding(B, alone: false, ofSubjects: null).Sources.ShouldBe([A, B]);
        Of(A, B).AfterReembedding(A, alone: false, ofSubjects: null).Sources.ShouldBe([B, A]);
    }

    [Fact]
    public void AfterReembedding_Alone_NamesTheNewOne() =>
        Of(A).AfterReembedding(B, alone: true, ofSubjects: [A]).Sources.ShouldBe([B]);

    [Fact]
    public void AfterReembedding_OfAGalleryOfBefore_NamesWhatItsSubjectsWereEmbeddedByToo() =>
        new GalleryRules().AfterReembedding(B, alone: false, ofSubjects: [A]).Sources.ShouldBe([A, B]);

    [Fact]
    public void IsLatest_OfTheLastSource_IsTrue()
    {
        Of(A, B).IsLatest(B).ShouldBeTrue();
        Of(A, B).IsLatest(A).ShouldBeFalse();
        new GalleryRules().IsLatest(A).ShouldBeTrue();
    }

    [Fact]
    public void RefusalOf_ASource_NamesTheGalleryBothSourcesAndTheWayOut()
    {
        string message = Of(A).RefusalOf("The gallery 'staff'", B, "re-embed it").Message;

        message.ShouldBe(
            $"The gallery 'staff' is embedded by {A}, not by {B}. Embeddings of different sources cannot be compared: re-embed it.");
    }

    private static GalleryRules Of(params EmbeddingSource[] sources) => new() { CreatedAt = Enrolled.Morning, Sources = sources };
}
