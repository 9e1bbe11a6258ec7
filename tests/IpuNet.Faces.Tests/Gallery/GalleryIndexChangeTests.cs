using CsCheck;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;

namespace IpuNet.Faces.Tests.Gallery;

public class GalleryIndexChangeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void PutAndRemove_AnySequence_LeavesWhatADictionaryHolds()
    {
        // Embeddings of 512 numbers give blocks of 128 rows. Subjects of up to 50 faces fill, empty and outgrow such blocks.
        var changes = Gen.Select(Gen.Int[0, 15], Gen.Int[0, 50], Gen.Int[0, 1_000_000]).Array[1, 25];
        changes.Sample(
            sequence =>
            {
                var index = new GalleryIndex(Enrolled.Source, 512);
                Dictionary<string, SubjectRecord> expected = [];
                foreach (var (number, faces, seed) in sequence)
                    Change(index, expected, $"s{number}", faces, seed);

                var query = Enrolled.Vector(-1, 512);
                index.SubjectCount.ShouldBe(expected.Count);
                index.Blocks.Sum(block => block.Rows).ShouldBe(expected.Values.Sum(subject => subject.Embeddings.Count));
                index.Search(Enrolled.Source, query, 100, Cancellation).ShouldBeTheBest(expected.Values, query, 100);
            },
            iter: 10);
    }

    [Fact]
    public void Put_PresentSubject_ReplacesItsFaces()
    {
        var index = GalleryIndex.Build(Enrolled.Source, 2, [Enrolled.Subject("ada", [1f, 0f])]);

        index.Put(Enrolled.Subject("ada", [0f, 1f]));

        index.Search(Enrolled.Source, [1f, 0f], 5, Cancellation).ShouldBe([new GalleryMatch("ada", 0f)]);
    }

    [Fact]
    public void PutRemoveAndClear_OfSubjects_OverwriteWhatWasHeld()
    {
        var index = GalleryIndex.Build(Enrolled.Source, 8, [Enrolled.Subject("ada", 1), Enrolled.Subject("bob", 2)]);
        GalleryBlock built = index.Blocks.ShouldHaveSingleItem();
        built.Vectors.ToArray().ShouldContain(x => x != 0);

        index.Put(Enrolled.Subject("ada", 3));
        GalleryBlock put = index.Blocks.ShouldHaveSingleItem();
        built.Vectors.ToArray().ShouldAllBe(x => x == 0);

        index.Remove("bob");
        GalleryBlock removed = index.Blocks.ShouldHaveSingleItem();
        put.Vectors.ToArray().ShouldAllBe(x => x == 0);
        index.Search(Enrolled.Source, Enrolled.Vector(3), 5, Cancellation).ShouldHaveSingleItem().SubjectId.ShouldBe("ada");

        index.Clear();
        removed.Vectors.ToArray().ShouldAllBe(x => x == 0);
        Should.Throw<InvalidOperationException>(() => index.Search(Enrolled.Source, Enrolled.Vector(3), 5, Cancellation));
    }

    [Fact]
    public async Task Remove_WhileOthersSearch_ChangesNoScoreOfTheOthers()
    {
        // One block holds many subjects. If it were overwritten too early, running searches would show it.
        SubjectRecord[] subjects = [.. Enumerable.Range(0, 400).Select(i => Enrolled.Subject($"s{i:000}", Enrolled.Vector(i, 128)))];
        var index = GalleryIndex.Build(Enrolled.Source, 128, subjects);
        float[] query = subjects[0].Embeddings[0].Vector;
        using var stop = new CancellationTokenSource();
        Task writer = Task.Run(
            () =>
            {
                for (int i = 1; !stop.IsCancellationRequested; i = i % 399 + 1)
                {
                    index.Remove($"s{i:000}");
                    index.Put(subjects[i]);
                }
            },
            Cancellation);

        for (int i = 0; i < 2000; i++)
        {
            GalleryMatch match = index.Search(Enrolled.Source, query, 1, Cancellation).ShouldHaveSingleItem();
            (match.SubjectId, match.Score > 0.999f).ShouldBe(("s000", true));
        }

        await stop.CancelAsync();
        await writer;
    }

    [Fact]
    public void Remove_Subject_IsInNoLaterSearch()
    {
        var index = GalleryIndex.Build(Enrolled.Source, 8, [Enrolled.Subject("ada", 1), Enrolled.Subject("bob", 2)]);

        index.Remove("ada").ShouldBeTrue();

        index.Remove("ada").ShouldBeFalse();
        index.Search(Enrolled.Source, Enrolled.Vector(1), 5, Cancellation).ShouldHaveSingleItem().SubjectId.ShouldBe("bob");
    }

    [Fact]
    public void Put_SubjectOfOtherModels_IsRefusedAndChangesNothing()
    {
        var index = new GalleryIndex(Enrolled.Source, 8);
        var mixed = new SubjectRecord(
            "ada", [Enrolled.Face("1.jpg"), Enrolled.Face("2.jpg", Enrolled.Vector(2), Enrolled.OtherSource)], Enrolled.Morning);

        Should.Throw<FaceDataException>(() => index.Put(mixed)).Message.ShouldContain("re-enrol or re-embed");

        index.SubjectCount.ShouldBe(0);
    }

    [Fact]
    public void Put_VectorsOfAnotherLength_AreRefused() =>
        Should.Throw<FaceDataException>(() => new GalleryIndex(Enrolled.Source, 128).Put(Enrolled.Subject("ada", 1)))
            .Message.ShouldContain("An embedding of 'ada' has 8 numbers");

    [Fact]
    public void Search_WhileSubjectsComeAndGo_SeesWholeChangesOnly()
    {
        // Both faces of a subject lie on the axis of the probe, so half a change would give a score other than 1.
        SubjectRecord Opposites(int i) => Enrolled.Subject($"s{i}", [1f, 0f], [-1f, 0f]);
        var index = GalleryIndex.Build(Enrolled.Source, 2, Enumerable.Range(0, 200).Select(Opposites));
        var writing = Task.Run(
            () =>
            {
                for (var i = 0; i < 400; i++)
                {
                    index.Put(Opposites(200 + i));
                    index.Remove($"s{i}");
                }
            },
            Cancellation);

        while (!writing.IsCompleted)
        {
            var found = index.SearchMany(Enrolled.Source, [[1f, 0f], [-1f, 0f]], 1000, Cancellation);
            found.ShouldAllBe(matches => (matches.Count == 200 || matches.Count == 201) && matches.All(match => match.Score == 1f));
        }

        writing.Exception.ShouldBeNull();
        index.SubjectCount.ShouldBe(200);
    }

    private static void Change(GalleryIndex index, Dictionary<string, SubjectRecord> expected, string id, int faces, int seed)
    {
        if (faces == 0)
        {
            index.Remove(id).ShouldBe(expected.Remove(id));
            return;
        }

        expected[id] = Enrolled.Subject(id, [.. Enumerable.Range(0, faces).Select(i => Enrolled.Vector(seed + i, 512))]);
        index.Put(expected[id]);
    }
}
