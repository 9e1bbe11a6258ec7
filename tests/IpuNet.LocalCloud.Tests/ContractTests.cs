using System.Text.Json;
using Azure.Storage.Blobs;
using Azure.Storage.Sas;
using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;
using IpuNet.LocalCloud.Npm;
using Microsoft.Extensions.Logging.Abstractions;

namespace IpuNet.LocalCloud.Tests;

/// <summary>A program can use the service by docs/contract.md and HTTP alone.</summary>
public sealed class ContractTests(TestModels models) : IClassFixture<TestModels>, IDisposable
{
    private readonly TestFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Service_UsedByAProgramThatKnowsTheContractAlone_EnrolsRecognisesAndDeletes()
    {
        await AzuriteFixture.Package.PathAsync();
        using PipelineModels used = PipelineModels.Open(models.Store, InferenceSettings.Default, recognise: true);
        await using LocalCloudHost cloud = await LocalCloudHost.StartAsync(
            new LocalCloudSettings(), used, NullLoggerProvider.Instance, _ => { }, Cancellation);
        var account = new BlobServiceClient(cloud.ConnectionString);
        var access = new AccountSasBuilder(
            AccountSasPermissions.All, DateTimeOffset.UtcNow.AddHours(1), AccountSasServices.Blobs | AccountSasServices.Queues,
            AccountSasResourceTypes.All);
        string query = account.GenerateAccountSasUri(access).Query.TrimStart('?');

        string output = await ProcessRun.RequireAsync(
            "node",
            [
                Path.Combine(AppContext.BaseDirectory, "integrator.mjs"), $"{cloud.Account.Address}".TrimEnd('/'),
                $"{cloud.Account.Queue("any").Uri}"[..^4], query, _folder.WriteFace("face.png", 1),
            ],
            _folder.Folder("work"),
            NpmPackages.NodeRemedy,
            Cancellation);

        JsonElement said = JsonDocument.Parse(output).RootElement;
        said.GetProperty("added").GetProperty("embeddings").GetInt32().ShouldBe(1);
        JsonElement face = said.GetProperty("result").GetProperty("faces")[0];
        face.GetProperty("decision").GetString().ShouldBe("known");
        face.GetProperty("matches")[0].GetProperty("subjectId").GetString().ShouldBe("ada");
        face.GetProperty("box").GetArrayLength().ShouldBe(4);
        said.GetProperty("isOfThisUpload").GetBoolean().ShouldBeTrue();
        said.GetProperty("known").GetString().ShouldBe("1");
        said.GetProperty("deleted").GetProperty("removed").GetProperty("embeddings").GetInt32().ShouldBe(1);
    }
}
