using System.Text.Json.Nodes;
using IpuNet.Contract;

namespace IpuNet.Infrastructure.Tests.Bicep;

public sealed class ContractTests
{
    private static readonly string[] Queues = [
        .. StorageNames.Queues.SelectMany(queue => (string[])[queue, queue + StorageNames.PoisonSuffix]), StorageNames.FailedUploads];

    [Fact]
    public async Task DataAccount_HasTheContainersOfTheProgram()
    {
        JsonObject main = await BicepCompiler.MainAsync();

        Template.Texts(main, "containers").ShouldBe(StorageNames.Containers, ignoreOrder: true);
        Template.Parameters(main, "data")["containers"]!["value"]!.GetValue<string>().ShouldBe("[variables('containers')]");
    }

    [Fact]
    public async Task DataAccount_HasTheQueuesOfTheProgram()
    {
        JsonObject main = await BicepCompiler.MainAsync();

        Template.Texts(main, "queues").ShouldBe(Queues, ignoreOrder: true);
        Template.Parameters(main, "data")["queues"]!["value"]!.GetValue<string>().ShouldBe("[variables('queues')]");
    }

    [Fact]
    public async Task Worker_ScalesByTheQueuesThatItReads()
    {
        TemplateResource worker = Single(await BicepCompiler.MainAsync(), "Microsoft.App/containerApps");

        JsonObject scale = worker.Property("template.scale")!.AsObject();
        JsonObject rules = scale["copy"]!.AsArray().Single()!.AsObject();
        string loop = rules["count"]!.GetValue<string>();
        loop.ShouldBe(
            $"[length(createArray('{StorageNames.FaceBatches}', '{StorageNames.Enrolments}', '{StorageNames.CheckedEnrolments}'))]");
        JsonObject custom = rules["input"]!["custom"]!.AsObject();
        custom["type"]!.GetValue<string>().ShouldBe("azure-queue");
        custom["identity"]!.GetValue<string>().ShouldContain("identity");
        custom["metadata"]!.AsObject().ContainsKey("connectionFromEnv").ShouldBeFalse();
    }

    [Theory]
    [InlineData("poison", "ipunet.poisoned")]
    [InlineData("queue-age", "ipunet.queue.oldest")]
    public async Task Alert_TellsQueuesApartAndLeavesNoneOut(string name, string metric)
    {
        JsonNode alerts = Single(
            await BicepCompiler.MainAsync(), "Microsoft.Insights/scheduledQueryRules").Template["variables"]!["alerts"]!;

        string query = alerts.AsArray().Single(alert => alert!["name"]!.GetValue<string>() == name)!["query"]!.GetValue<string>();

        query.ShouldContain(metric);
        query.ShouldContain("by Queue = tostring(Properties.queue)");
        Queues.ShouldAllBe(queue => !query.Contains(queue));
    }

    [Fact]
    public async Task Trainer_WaitsForTheQueueOfRetraining()
    {
        TemplateResource trainer = Single(await BicepCompiler.MainAsync(), "Microsoft.App/jobs");

        string trigger = trainer.Property("configuration.eventTriggerConfig")!.GetValue<string>();
        trigger.ShouldContain($"'queueName', '{StorageNames.Retraining}'");
    }

    [Theory]
    [InlineData("Microsoft.App/containerApps")]
    [InlineData("Microsoft.App/jobs")]
    public async Task Container_IsToldToReportToNoMaker(string type)
    {
        string containers = Single(await BicepCompiler.MainAsync(), type).Property("template.containers")!.ToJsonString();

        containers.ShouldContain("""{"name":"ORT_DISABLE_TELEMETRY","value":"1"}""");
        containers.ShouldContain("""{"name":"APPLICATIONINSIGHTS_SDKSTATS_DISABLED_ALL","value":"true"}""");
    }

    [Fact]
    public async Task Subscription_IsForUploadsThatAreProbes()
    {
        JsonObject template = await BicepCompiler.SubscriptionAsync();
        TemplateResource subscription = Single(template, "Microsoft.EventGrid/systemTopics/eventSubscriptions");

        template["parameters"]!["container"]!["defaultValue"]!.GetValue<string>().ShouldBe(StorageNames.Uploads);
        subscription.Property("filter.includedEventTypes")!.ToJsonString().ShouldBe("""["Microsoft.Storage.BlobCreated"]""");
        string notFor = subscription.Property("filter.advancedFilters")!.ToJsonString();
        notFor.ShouldContain($"blobs/{StorageNames.Enrolments}/");
    }

    [Fact]
    public async Task Subscription_KeepsWhatCannotBeDelivered_WhereTheInfrastructureHasAPlaceForIt()
    {
        JsonObject main = await BicepCompiler.MainAsync(), subscription = await BicepCompiler.SubscriptionAsync();

        string container = subscription["parameters"]!["undeliveredContainer"]!["defaultValue"]!.GetValue<string>();
        main["variables"]!["undeliveredContainer"]!.GetValue<string>().ShouldBe(container);
        Template.Parameters(main, "host")["containers"]!["value"]!.AsArray().ShouldContain(
            item => item!.GetValue<string>() == "[variables('undeliveredContainer')]");
    }

    private static TemplateResource Single(JsonObject template, string type) =>
        Template.Resources(template).Single(resource => resource.Type == type);
}
