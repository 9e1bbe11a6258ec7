using CsCheck;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;

namespace IpuNet.Faces.Tests.Gallery;

public class GalleryIndexTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Galleries of no block to several blocks. Their subjects have one to five faces.</summary>
    private static readonly Gen<(SubjectRecord[] Subjects, float[][] Queries, int Count)> Cases =
        from dimensions in Gen.Int[0, 4].Select(i => new[] { 1, 3, 16, 128, 512 }[i])
        from subjects in Gen.Int[0, 250]
        from queries in Gen.Int[1, 20]
        from count in Gen.Int[1, 30]
        from seed in Gen.Int[0, 1_000_000]
        select (
            Gallery(subjects, dimensions, seed),
            Enumerable.Range(0, queries).Select(i => Enrolled.Vector(seed - i - 1, dimensions)).ToArray(),
            count);

    [Fact]
    public void Search_OneQuery_FindsTheBestSubjects() =>
        Cases.Sample(
            c => Index(c.Subjects, c.Queries[0].Length).Search(Enrolled.Source, c.Queries[0], c.Count, Cancellation)
                .ShouldBeTheBest(c.Subjects, c.Queries[0], c.Count),
            iter: 30);

    [Fact]
    public void SearchMany_Queries_GivesWhatEachAloneGivesToTheBit() =>
        Cases.Sample(
            c =>
            {
                var index = Index(c.Subjects, c.Queries[0].Length);
                var together = index.SearchMany(Enrolled.Source, c.Queries, c.Count, Cancellation);
                together.Count.ShouldBe(c.Queries.Length);
                for (var i = 0; i < c.Queries.Length; i++)
                    together[i].ShouldBe(index.Search(Enrolled.Source, c.Queries[i], c.Count, Cancellation));
            },
            iter: 30);

    [Fact]
    public void SearchMany_MoreQueriesThanFitTheCache_FindsTheBestSubjects()
    {
        var subjects = Gallery(50, 16, seed: 1);
        float[][] queries = [.. Enumerable.Range(0, 500).Select(i => Enrolled.Vector(-i - 1, 16))];

        var found = Index(subjects, 16).SearchMany(Enrolled.Source, queries, 3, Cancellation);

        for (var i = 0; i < queries.Length; i++)
            found[i].ShouldBeTheBest(subjects, queries[i], 3);
    }

    [Fact]
    public void Search_EqualScores_AreOrderedById()
    {
        var same = Enrolled.Vector(1);
        SubjectRecord[] subjects = [.. Enumerable.Range(0, 100).Select(i => Enrolled.Subject($"s{(i * 37) % 100:00}", same))];

        var found = Index(subjects).Search(Enrolled.Source, same, 10, Cancellation);

        found.Select(match => match.SubjectId).ShouldBe(Enumerable.Range(0, 10).Select(i => $"s{i:00}"));
    }

    [Fact]
    public void Search_SubjectWithManyFaces_CountsOnceWithTheBest()
    {
        var ada = Enrolled.Subject("ada", [1, 0], [0.8f, 0.6f], [0, 1], [0.6f, 0.8f]);
        var bob = Enrolled.Subject("bob", [-1f, 0f]);

        Index([bob, ada], 2).Search(Enrolled.Source, [0.6f, 0.8f], 5, Cancellation)
            .ShouldBe([new GalleryMatch("ada", 1f), new GalleryMatch("bob", -0.6f)]);
    }

    [Fact]
    public void Search_SubjectLargerThanABlock_IsFoundOnce()
    {
        float[][] faces = [.. Enumerable.Range(0, 700).Select(i => Enrolled.Vector(i, 128))];
        var index = Index([Enrolled.Subject("bob", Enrolled.Vector(-1, 128)), Enrolled.Subject("ada", faces)], 128);

        var found = index.Search(Enrolled.Source, faces[650], 5, Cancellation);

        found.Select(match => match.SubjectId).ShouldBe(["ada", "bob"]);
        found[0].Score.ShouldBe(1, 1e-6f);
    }

    [Fact]
    public void Search_AllScoresNegative_FindsNoFilling()
    {
        var found = Index([Enrolled.Subject("ada", [-1f, 0f])], 2).Search(Enrolled.Source, [1f, 0f], 5, Cancellation);

        found.ShouldBe([new GalleryMatch("ada", -1f)]);
    }

    [Fact]
    public void Search_EmptyGallery_FindsNothing()
    {
        var index = new GalleryIndex(Enrolled.Source, 8);

        index.Search(Enrolled.Source, Enrolled.Vector(1), 3, Cancellation).ShouldBeEmpty();
        index.SearchMany(Enrolled.Source, [Enrolled.Vector(1), Enrolled.Vector(2)], 3, Cancellation).ShouldAllBe(found => found.Count == 0);
    }

    [Fact]
    public void SearchMany_NoQueries_GivesNoAnswers() =>
        Index([Enrolled.Subject("ada", 1)]).SearchMany(Enrolled.Source, [], 3, Cancellation).ShouldBeEmpty();

    [Fact]
    public void Search_CountBeyondTheGallery_GivesAllSubjects() =>
        Index([Enrolled.Subject("ada", 1), Enrolled.Subject("bob", 2)])
            .Search(Enrolled.Source, Enrolled.Vector(3), int.MaxValue, Cancellation).Count.ShouldBe(2);

    [Fact]
    public void Search_CountZero_IsRefused() =>
        Should.Throw<ArgumentOutOfRangeException>(
            () => new GalleryIndex(Enrolled.Source, 8).Search(Enrolled.Source, Enrolled.Vector(1), 0, Cancellation));

    [Fact]
    public void Search_Cancelled_Throws() =>
        Should.Throw<OperationCanceledException>(
            () =>
                Index([Enrolled.Subject("ada", 1)]).Search(Enrolled.Source, Enrolled.Vector(1), 1, new CancellationToken(canceled: true)));

    [Fact]
    public void Search_QueryOfOtherModels_IsRefusedNamingBoth()
    {
        var error = Should.Throw<FaceDataException>(
            () => Index([Enrolled.Subject("ada", 1)]).Search(Enrolled.OtherSource, Enrolled.Vector(1), 1, Cancellation));

        error.Message.ShouldContain(Enrolled.Source.Recogniser);
        error.Message.ShouldContain(Enrolled.OtherSource.Recogniser);
        error.Message.ShouldContain("re-enrol or re-embed");
    }

    [Theory]
    [InlineData(float.NaN, 0f)]
    [InlineData(float.PositiveInfinity, 0f)]
    [InlineData(0f, 0f)]
    [InlineData(0.5f, 0.5f)]
    [InlineData(2f, 0f)]
    public void Search_QueryThatIsNoUnitVector_IsRefused(float x, float y)
    {
        var index = Index([Enrolled.Subject("ada", [1f, 0f])], 2);

        Should.Throw<FaceDataException>(
            () => index.Search(Enrolled.Source, [x, y], 1, Cancellation)).Message.ShouldContain("not a unit vector");
        Should.Throw<FaceDataException>(
            () => index.SearchMany(Enrolled.Source, [[1f, 0f], [x, y]], 1, Cancellation)).Message.ShouldContain("Query 1");
    }

    [Fact]
    public void Search_QueryOfAnotherLength_IsRefused() =>
        Should.Throw<FaceDataException>(
            () => Index([Enrolled.Subject("ada", 1)]).Search(Enrolled.Source, Enrolled.Vector(1, 16), 1, Cancellation))
            .Message.ShouldContain("has 16 numbers, the gallery's embeddings have 8");

    [Fact]
    public void Build_SubjectTwice_IsRefused() =>
        Should.Throw<FaceDataException>(
            () => Index([Enrolled.Subject("ada", 1), Enrolled.Subject("ada", 2)])).Message.ShouldContain("given twice");

    private static GalleryIndex Index(IEnumerable<SubjectRecord> subjects, int dimensions = 8) =>
        GalleryIndex.Build(Enrolled.Source, dimensions, subjects);

    private static SubjectRecord[] Gallery(int subjects, int dimensions, int seed)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, subjects).Select(i => Enrolled.Subject(
                $"s{i}", [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => Enrolled.Vector(random.Next(), dimensions))])),
        ];
    }
}
