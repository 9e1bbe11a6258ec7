using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;

namespace IpuNet.Faces.Tests.Gallery;

public class SubjectRecordTests
{
    [Fact]
    public void FromJson_WrittenRecord_IsTheSame()
    {
        var written = Enrolled.Subject("ada", Enrolled.Vector(1, 128), Enrolled.Vector(2, 128));

        var read = SubjectRecord.FromJson(written.ToJson(), "ada.json");

        read.ToJson().ShouldBe(written.ToJson());
        read.Embeddings[1].Vector.ShouldBe(written.Embeddings[1].Vector);
        read.Embeddings[1].Provenance.ShouldBe(written.Embeddings[1].Provenance);
    }

    [Fact]
    public void ToJson_Record_HasTheShapeOfSchema1()
    {
        var written = JsonNode.Parse(Enrolled.Subject("ada", [1f, 0f]).ToJson())!;

        written.ToJsonString(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }).ShouldBe(
            """
            {"schema":1,"subjectId":"ada","embeddings":[{"source":{"recogniser":"dlib-resnet29@1","alignment":"dlib-chip-128@1"},
            "vector":"AACAPwAAAAA=","provenance":{"image":"0.jpg","sha256":"sha-of-0.jpg","box":[10,20.5,64,80],
            "quality":{"faceHeight":80,"sharpness":123.5}},"enrolledAt":"2026-03-01T08:00:00+00:00"}],
            "updatedAt":"2026-03-01T08:00:00+00:00"}
            """.ReplaceLineEndings(""));
    }

    [Theory]
    [InlineData("\"schema\": 1", "\"schema\": 2", "it has schema 2")]
    [InlineData("\"schema\": 1,", "", "schema")]
    [InlineData("\"recogniser\"", "\"recognizer\"", "recogniser")]
    [InlineData("\"updatedAt\"", "\"changedAt\"", "updatedAt")]
    [InlineData("AACAPwAAAAA=", "AACAPwAAAA==", "vector")]
    [InlineData("AACAPwAAAAA=", "AADAfwAAAAA=", "not a unit vector")]
    [InlineData("AACAPwAAAAA=", "AAAAPwAAAAA=", "not a unit vector")]
    [InlineData("AACAPwAAAAA=", "", "not a unit vector")]
    [InlineData("20.5,", "", "box")]
    [InlineData("20.5,", "1e99,", "box")]
    [InlineData("\"sharpness\": 123.5", "\"sharpness\": 1e99", "sharpness")]
    [InlineData("\"sharpness\": 123.5", "\"sharpness\": NaN", "'N'")]
    [InlineData("\"sharpness\": 123.5", "\"sharpness\": \"123.5\"", "sharpness")]
    [InlineData("AACAPwAAAAA=", "AADAfwAAwH8=", "not a unit vector")]
    [InlineData("AACAPwAAAAA=", "AACAfwAAAAA=", "not a unit vector")]
    [InlineData("AACAPwAAAAA=", "AAAAAAAAAAA=", "not a unit vector")]
    [InlineData("\"subjectId\": \"ada\"", "\"subjectId\": \"ada\", \"subjectId\": \"bob\"", "subjectId")]
    [InlineData("\"embeddings\": [", "\"embeddings\": [null,", "null")]
    [InlineData("\"embeddings\": [", "\"Embeddings\": [", "embeddings")]
    [InlineData("\"ada\"", "\"../ada\"", "U+002F")]
    [InlineData("\"ada\"", "null", "subjectId")]
    public void FromJson_Damaged_NamesTheFileAndTheWayOut(string good, string bad, string reason)
    {
        var json = Encoding.UTF8.GetString(Enrolled.Subject("ada", [1f, 0f]).ToJson()).ReplaceLineEndings("\n");
        json.ShouldContain(good);

        var error = Should.Throw<FaceDataException>(
            () => SubjectRecord.FromJson(Encoding.UTF8.GetBytes(json.Replace(good, bad, StringComparison.Ordinal)), "subjects/ada.json"));

        error.Message.ShouldStartWith("subjects/ada.json is not a usable subject");
        error.Message.ShouldContain(reason);
        error.Message.ShouldContain("enrol the subject again");
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\0\0\0\0")]
    [InlineData("not json")]
    public void FromJson_OfNoRecord_IsRefused(string json) =>
        Should.Throw<FaceDataException>(() => SubjectRecord.FromJson(Encoding.UTF8.GetBytes(json), "subjects/ada.json")).Message
            .ShouldStartWith("subjects/ada.json is not a usable subject");

    [Fact]
    public void FromJson_OfHugeNesting_IsRefused() => Should.Throw<FaceDataException>(() =>
        SubjectRecord.FromJson(Encoding.UTF8.GetBytes($$"""{"schema":1,"x":{{new string('[', 100_000)}}"""), "ada.json"));

    [Fact]
    public void Constructor_OfEmbeddingsOfTwoLengths_IsRefused() =>
        Should.Throw<FaceDataException>(
            () => Enrolled.Subject("ada", Enrolled.Vector(1, 128), Enrolled.Vector(2, 127))).Message.ShouldContain("128 and 127 numbers");

    [Fact]
    public void Constructor_OfOneFaceTwice_IsRefused() =>
        Should.Throw<FaceDataException>(
            () => new SubjectRecord(
                "ada", [Enrolled.Face("1.jpg", 1), Enrolled.Face("1.jpg", 2)], Enrolled.Morning)).Message.ShouldContain("twice");

    [Fact]
    public void Constructor_NoEmbedding_IsRefused() =>
        Should.Throw<FaceDataException>(
            () => new SubjectRecord("ada", [], Enrolled.Morning)).Message.ShouldContain("'ada' has no embedding");

    [Fact]
    public void Renew_NewSubject_HoldsTheFace() =>
        SubjectRecord.Renew(null, "ada", Enrolled.Face("1.jpg")).Embeddings.ShouldHaveSingleItem().Provenance.Image.ShouldBe("1.jpg");

    [Fact]
    public void Renew_AnotherFace_IsAddedAndMovesTheTime()
    {
        var later = Enrolled.Morning.AddHours(1);

        var subject = SubjectRecord.Renew(Enrolled.Subject("ada", 1), "ada", Enrolled.Face("1.jpg", Enrolled.Vector(2), at: later));

        subject.Embeddings.Count.ShouldBe(2);
        subject.UpdatedAt.ShouldBe(later);
    }

    [Fact]
    public void Renew_SameFaceLater_MovesItsTimeAndKeepsItsImage()
    {
        var later = Enrolled.Morning.AddHours(1);
        var once = SubjectRecord.Renew(null, "ada", Enrolled.Face("1.jpg"));

        var renewed = SubjectRecord.Renew(once, "ada", Enrolled.Face("1.jpg", Enrolled.Vector(1), at: later));

        renewed.Embeddings.ShouldHaveSingleItem().EnrolledAt.ShouldBe(later);
        renewed.UpdatedAt.ShouldBe(later);
        SubjectRecord.Renew(renewed, "ada", Enrolled.Face("1.jpg")).ShouldBeSameAs(renewed);
    }

    [Fact]
    public void Replace_KeepsOnlyFacesEnrolledLater()
    {
        var noon = Enrolled.Morning.AddHours(4);
        var subject = SubjectRecord.Renew(
            Enrolled.Subject("ada", 1), "ada", Enrolled.Face("later.jpg", Enrolled.Vector(2), at: noon.AddHours(1)));

        var replaced = SubjectRecord.Replace(subject, "ada", [Enrolled.Face("new.jpg", Enrolled.Vector(3), at: noon)], noon);

        replaced.Embeddings.Select(face => face.Provenance.Image).ShouldBe(["new.jpg", "later.jpg"]);
        replaced.ReplacedAt.ShouldBe(noon);
        SubjectRecord.FromJson(replaced.ToJson(), "ada.json").ReplacedAt.ShouldBe(noon);
    }

    [Fact]
    public void EnrolledAfter_OfAllAndOfNone_IsNullAndTheSubjectItself()
    {
        var subject = Enrolled.Subject("ada", 1);

        subject.EnrolledAfter(Enrolled.Morning).ShouldBeNull();
        subject.EnrolledAfter(Enrolled.Morning.AddSeconds(-1)).ShouldBeSameAs(subject);
    }
}
