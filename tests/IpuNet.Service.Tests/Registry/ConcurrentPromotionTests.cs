using CsCheck;
using IpuNet.Contract;
using IpuNet.Faces.Models;
using IpuNet.Service.Registry;

namespace IpuNet.Service.Tests.Registry;

public sealed class ConcurrentPromotionTests(AzuriteFixture azurite)
{
    private const int Rounds = 6;

    // Each value is the version that a writer promotes; null is a rollback.
    private static readonly Gen<int?[]> Writers = Gen.OneOf(
        Gen.Const((int?)null), Gen.Int[1, 4].Select(version => (int?)version)).Array[2, 6];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ChangeAsync_ByManyAtOnce_LeavesAHistoryWithEveryChangeThatEndsInTheModelsInUse()
    {
        var rig = new RegistryRig(await azurite.NewAccountAsync());
        foreach (int version in (int[])[1, 2, 3, 4])
            await rig.PublishAsync($"ipunet@{version}", model: [(byte)version]);
        var made = new HashSet<Guid>();

        await Writers.SampleAsync(
            async versions =>
            {
                CurrentModels?[] changes = await Task.WhenAll(versions.Select(version => ChangeAsync(rig, version)));
                made.UnionWith(changes.OfType<CurrentModels>().Select(models => models.Change!.Id));

                IReadOnlyList<CurrentModels> history = await rig.Registry.HistoryAsync(Cancellation);
                history.Select(models => models.Change!.Revision).ShouldBe(Enumerable.Range(1, history.Count));
                history.Select(models => models.Change!.Id).ShouldBe(made, ignoreOrder: true);
                if (history.Count > 0)
                    (await rig.Registry.CurrentAsync(Cancellation)).ShouldBe(history[^1]);
            },
            iter: Rounds,
            threads: 1);
    }

    // Each writer acts as a separate process. Null if there was nothing to roll back.
    private static async Task<CurrentModels?> ChangeAsync(RegistryRig rig, int? version)
    {
        var registry = new ModelRegistry(rig.Account, TimeProvider.System);
        try
        {
            return version is null
                ? await registry.RollbackAsync(RegistryRig.Request, null, Cancellation)
                : await registry.PromoteAsync([$"ipunet@{version}"], RegistryRig.Request, Cancellation);
        }
        catch (FaceDataException)
        {
            return null;
        }
    }
}
