using System.Text.Json.Nodes;
using IpuNet.Contract;
using IpuNet.Infrastructure.Tests.Bicep;
using IpuNet.Service.Storage;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace IpuNet.Infrastructure.Tests.Functions;

public sealed class FunctionTests
{
    private const int MostStatements = 3;

    [Fact]
    public void BlobTrigger_IsForEveryUpload_ByWayOfEventGrid()
    {
        Trigger trigger = Of("BlobTrigger").Single().Trigger;

        trigger.Value.ShouldBe(StorageNames.Uploads + "/{name}");
        trigger.Source.ShouldBe("BlobTriggerSource.EventGrid");
    }

    // The workers read all other queues. Messages in poison queues stay there until a person handles them.
    [Fact]
    public void QueueTriggers_AreForJobsToBeCheckedAndForFailedUploads() =>
        Of("QueueTrigger").Select(function => function.Trigger.Value)
            .ShouldBe([StorageNames.Enrolments, StorageNames.FailedUploads], ignoreOrder: true);

    [Fact]
    public void Triggers_NameWhatTheyWaitForByConstants() =>
        FunctionSources.All.Value.ShouldAllBe(function => !function.Trigger.IsLiteral && function.Trigger.Value != null);

    [Fact]
    public void Triggers_UseTheAccountOfTheService() =>
        Of("BlobTrigger").Concat(Of("QueueTrigger")).ShouldAllBe(function => function.Trigger.Connection == StorageOptions.Section);

    [Fact]
    public void TimerTriggers_HaveSixFields_OrASetting()
    {
        foreach (string schedule in Of("TimerTrigger").Select(function => function.Trigger.Value!))
            (schedule.Split(' ').Length == 6 || (schedule.StartsWith('%') && schedule.EndsWith('%'))).ShouldBeTrue(schedule);
    }

    [Fact]
    public async Task TimerTriggers_HaveTheirSettingsInTheInfrastructure()
    {
        JsonObject settings = (await SettingsAsync()).Resource["properties"]!.AsObject();

        string[] wanted = [
            .. Of("TimerTrigger").Select(
                function => function.Trigger.Value!).Where(schedule => schedule.StartsWith('%')).Select(schedule => schedule.Trim('%'))];
        wanted.ShouldNotBeEmpty();
        wanted.ShouldBeSubsetOf(settings.Select(setting => setting.Key));
    }

    [Theory]
    [InlineData("retrainingSchedule")]
    [InlineData("retentionSchedule")]
    public async Task Schedules_OfTheInfrastructure_HaveSixFields(string parameter)
    {
        JsonObject main = await BicepCompiler.MainAsync();

        main["parameters"]![parameter]!["defaultValue"]!.GetValue<string>().Split(' ').Length.ShouldBe(6);
    }

    [Theory]
    [InlineData("blobServiceUri")]
    [InlineData("queueServiceUri")]
    [InlineData("credential")]
    [InlineData("clientId")]
    [InlineData(nameof(StorageOptions.BlobEndpoint))]
    [InlineData(nameof(StorageOptions.QueueEndpoint))]
    [InlineData(nameof(StorageOptions.ManagedIdentityClientId))]
    public async Task Connection_IsInTheInfrastructure(string setting)
    {
        JsonObject settings = (await SettingsAsync()).Resource["properties"]!.AsObject();

        settings.ContainsKey($"{StorageOptions.Section}__{setting}").ShouldBeTrue();
    }

    [Theory]
    [InlineData("infra/hooks/subscribe.sh")]
    [InlineData("infra/hooks/subscribe.ps1")]
    public void Hooks_SubscribeTheFunctionThatTakesUploads(string hook) =>
        Repository.Read(hook).ShouldContain($"functionName=Host.Functions.{Of("BlobTrigger").Single().Name}&code=");

    [Fact]
    public void Functions_HaveNoLogic()
    {
        foreach (MethodDeclarationSyntax method in FunctionSources.All.Value.Select(function => function.Method))
        {
            (method.Body?.Statements.Count ?? 1).ShouldBeLessThanOrEqualTo(MostStatements, method.Identifier.Text);
            method.DescendantNodes().ShouldNotContain(
                node => node is IfStatementSyntax
                    || node is ForStatementSyntax || node is TryStatementSyntax || node is ConditionalExpressionSyntax);
        }
    }

    private static FunctionSource[] Of(string trigger)
    {
        FunctionSource[] functions = [.. FunctionSources.All.Value.Where(function => function.Trigger.Kind == trigger)];
        functions.ShouldNotBeEmpty();
        return functions;
    }

    private static async Task<TemplateResource> SettingsAsync() =>
        Template.Resources(await BicepCompiler.MainAsync()).Single(resource => resource.Type == "Microsoft.Web/sites/config");
}
