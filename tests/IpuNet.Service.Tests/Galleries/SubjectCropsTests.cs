using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using CsCheck;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Service.Galleries;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Tests.Galleries;

public sealed class SubjectCropsTests(AzuriteFixture azurite)
{
    private const string Ada = "ada";
    private const int Rounds = 30;

    private static readonly string[] Images = ["a", "b", "c"];
    private static readonly EnrolmentAction[] Actions =
        [EnrolmentAction.Add, EnrolmentAction.Add, EnrolmentAction.Add, EnrolmentAction.Replace, EnrolmentAction.Delete];

    // Changes of one subject in any order, often in the same second.
    private static readonly Gen<(EnrolmentAction Action, int At, string[] Images)[]> Jobs = Gen.Select(
        Gen.Int[0, Actions.Length - 1].Select(i => Actions[i]),
        Gen.Int[1, 4],
        Gen.Int[0, Images.Length - 1].Select(i => Images[i]).Array[1, 3].Select(images => images.Distinct().ToArray())).Array[1, 6];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FindAsync_AfterAnyJobs_FindsTheFacesOfTheRecordAndNothingElseIsKept()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        int round = 0;
        await Jobs.SampleAsync(
            async jobs =>
            {
                string name = $"g{Interlocked.Increment(ref round)}";
                var gallery = new BlobGallery(account, name, TimeProvider.System);
                foreach (var (action, at, images) in jobs)
                    await DoAsync(gallery, action, GalleryRig.At(at), [.. images.Select(image => GalleryRig.Face(image, at))]);

                SubjectEmbedding[] enrolled = [.. (await gallery.FindAsync(Ada, Cancellation))?.Embeddings ?? []];
                var found = await new SubjectCrops(account, name, TimeProvider.System).FindAsync(Ada, enrolled, Cancellation);
                found.Keys.ShouldBe(enrolled, ignoreOrder: true);
                foreach (SubjectEmbedding face in enrolled)
                    found[face].Pixels.ToArray().ShouldBe(AlignedOf(face).Pixels.ToArray());
                foreach (string blob in await KeptAsync(account, name))
                {
                    byte[][] kept = await FacesOfAsync(account, blob);
                    // At least one crop belongs to a present face; others may be former copies of it.
                    kept.ShouldNotBeEmpty();
                    kept.ShouldAllBe(png => enrolled.Any(face => png.SequenceEqual(ImageEncoder.EncodePng(AlignedOf(face)))));
                }
            },
            iter: Rounds,
            threads: 1);
    }

    [Fact]
    public async Task KeepAsync_OfAJob_WritesOneBlobAndTheSameOnceMore()
    {
        GalleryRig rig = await RigAsync();
        await KeepAsync(rig.Gallery, GalleryRig.Face("a", 1), GalleryRig.Face("b", 1));
        string blob = (await KeptAsync(rig.Account, GalleryRig.Name)).ShouldHaveSingleItem();
        BlobDownloadResult once = await BlobOf(rig.Account, blob).DownloadContentAsync(Cancellation);

        await KeepAsync(rig.Gallery, GalleryRig.Face("b", 1), GalleryRig.Face("a", 1));

        BlobDownloadResult twice = await BlobOf(rig.Account, blob).DownloadContentAsync(Cancellation);
        blob.ShouldStartWith($"staff/crops/ada/{GalleryRig.At(1).UtcTicks}-");
        twice.Content.ToArray().ShouldBe(once.Content.ToArray());
        twice.Details.Metadata["faces"].ShouldBe("2");
    }

    [Fact]
    public async Task KeepAsync_ByJobsOfOneSecondAtOnce_LosesNoFace()
    {
        const int jobs = 8;
        GalleryRig rig = await RigAsync();
        SubjectEmbedding[] faces = [.. Enumerable.Range(0, jobs).Select(i => GalleryRig.Face($"{i}", 1))];

        await Task.WhenAll(faces.Select(face => KeepAsync(rig.Gallery, face)));

        (await new SubjectCrops(rig.Account, GalleryRig.Name, TimeProvider.System).FindAsync(Ada, faces, Cancellation)).Count
            .ShouldBe(jobs);
    }

    [Fact]
    public async Task ForgetUnusedAsync_WhileAnEarlierJobIsAboutToEnrol_KeepsItsFaces()
    {
        GalleryRig rig = await RigAsync();
        SubjectEmbedding[] earlier = [GalleryRig.Face("a", 1), GalleryRig.Face("b", 1)];
        await KeepAsync(rig.Gallery, earlier);

        await DoAsync(rig.Gallery, EnrolmentAction.Add, GalleryRig.At(2), [GalleryRig.Face("a", 2)]);
        SubjectRecord record = await rig.Gallery.AddAsync(Ada, earlier, GalleryRig.At(1), Cancellation);

        (await new SubjectCrops(rig.Account, GalleryRig.Name, TimeProvider.System).FindAsync(Ada, record.Embeddings, Cancellation)).Count
            .ShouldBe(2);
    }

    [Fact]
    public async Task DeleteAsync_CountsFacesAndRemovesWhatHasAnOddName()
    {
        GalleryRig rig = await RigAsync();
        await DoAsync(rig.Gallery, EnrolmentAction.Add, GalleryRig.At(1), [GalleryRig.Face("a", 1), GalleryRig.Face("b", 1)]);
        await BlobOf(rig.Account, "staff/crops/ada/odd").UploadAsync(BinaryData.FromString("?"), Cancellation);

        SubjectRemoval removal = await rig.DeleteAsync(Ada, 2);

        removal.Crops.ShouldBe(3);
        (await KeptAsync(rig.Account, GalleryRig.Name)).ShouldBeEmpty();
    }

    [Fact]
    public async Task FindAsync_OfADamagedBlob_NamesIt()
    {
        GalleryRig rig = await RigAsync();
        await KeepAsync(rig.Gallery, GalleryRig.Face("a", 1));
        string blob = (await KeptAsync(rig.Account, GalleryRig.Name)).Single();
        await BlobOf(rig.Account, blob).UploadAsync(BinaryData.FromString("PK"), overwrite: true, Cancellation);

        FaceDataException error = await Should.ThrowAsync<FaceDataException>(
            () => new SubjectCrops(
                rig.Account, GalleryRig.Name, TimeProvider.System).FindAsync(Ada, [GalleryRig.Face("a", 1)], Cancellation));

        error.Message.ShouldStartWith(blob);
    }

    // Does a job like a worker.
    private static async Task DoAsync(BlobGallery gallery, EnrolmentAction action, DateTimeOffset sentAt, SubjectEmbedding[] faces)
    {
        if (action == EnrolmentAction.Delete)
        {
            await gallery.DeleteAsync(Ada, sentAt, Cancellation);
            return;
        }

        try
        {
            await KeepAsync(gallery, faces);
            await (action == EnrolmentAction.Add
                ? gallery.AddAsync(Ada, faces, sentAt, Cancellation)
                : gallery.ReplaceAsync(Ada, faces, sentAt, Cancellation));
        }
        catch (FaceDataException refusal)
        {
            refusal.Message.ShouldContain("after this job was sent");
        }

        await gallery.ForgetUnusedAsync(Ada, sentAt, Cancellation);
    }

    private static Task KeepAsync(BlobGallery gallery, params SubjectEmbedding[] faces) =>
        gallery.KeepAsync(Ada, faces.Select(face => (face, AlignedOf(face))), Cancellation);

    // A different face for each image.
    private static RgbImage AlignedOf(SubjectEmbedding face)
    {
        var image = new RgbImage(8, 8);
        Array.Fill(image.Pixels, (byte)face.Provenance.Image[0]);
        return image;
    }

    private static async Task<string[]> KeptAsync(StorageAccount account, string gallery) => await account.Container(StorageNames.Galleries)
        .GetBlobsAsync(
            BlobTraits.None, BlobStates.None, $"{gallery}/crops/", Cancellation).Select(blob => blob.Name).ToArrayAsync(Cancellation);

    private static async Task<byte[][]> FacesOfAsync(StorageAccount account, string blob) =>
        [.. FacePack.Read((await BlobOf(account, blob).DownloadContentAsync(Cancellation)).Value.Content.ToArray(), blob).Values];

    private static BlobClient BlobOf(StorageAccount account, string blob) => account.Container(StorageNames.Galleries).GetBlobClient(blob);

    private async Task<GalleryRig> RigAsync() => new(await azurite.NewAccountAsync());
}
