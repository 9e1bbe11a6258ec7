using System.Text;
using IpuNet.Contract;
using IpuNet.Service.Queues;
using IpuNet.Service.Retraining;
using IpuNet.Service.Tests.Queues;

namespace IpuNet.Service.Tests.Retraining;

public sealed class RetrainingJobTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_OfAMessage_IsTheJob()
    {
        LeasedMessage message = await SendAsync("""{"schema":1,"jobId":"cam-7","experiment":"small_2-B"}""");

        RetrainingJob job = RetrainingJob.Read(message);

        job.ShouldBe(new RetrainingJob("cam-7", "small_2-B", message.InsertedOn));
    }

    [Theory]
    [InlineData("""{"schema":1,"jobId":"","experiment":"default"}""", "name")]
    [InlineData("""{"schema":1,"jobId":"../7","experiment":"default"}""", "name")]
    [InlineData("""{"schema":1,"jobId":"7/8","experiment":"default"}""", "name")]
    [InlineData("""{"schema":1,"jobId":"retraining","experiment":"default"}""", "name")]
    [InlineData("""{"schema":1,"jobId":"7","experiment":""}""", "experiment")]
    [InlineData("""{"schema":1,"jobId":"7","experiment":"../default"}""", "experiment")]
    [InlineData("""{"schema":1,"jobId":"7","experiment":"default.json"}""", "experiment")]
    [InlineData("""{"schema":1,"jobId":"7","experiment":"C:default"}""", "experiment")]
    [InlineData("""{"schema":1,"jobId":"7","experiment":"default\n"}""", "experiment")]
    [InlineData("""{"schema":1,"jobId":"7","experiment":"größe"}""", "experiment")]
    [InlineData(
        """{"schema":1,"jobId":"7","experiment":"a23456789-123456789-123456789-123456789-123456789-123456789-12345"}""", "experiment")]
    [InlineData("""{"schema":1,"jobId":"7","experiment":null}""", "json")]
    [InlineData("""{"schema":1,"jobId":"7"}""", "json")]
    [InlineData("""{"schema":2,"jobId":"7","experiment":"default"}""", "schema")]
    [InlineData("no json", "json")]
    public async Task Read_OfAMessageThatMakesNoSense_RefusesIt(string json, string category)
    {
        LeasedMessage message = await SendAsync(json);

        JobRefusedException refusal = Should.Throw<JobRefusedException>(() => RetrainingJob.Read(message));

        refusal.Category.ShouldBe(category);
        refusal.Message.ShouldNotBeEmpty();
    }

    private async Task<LeasedMessage> SendAsync(string json)
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        await rig.SendRawAsync(WireMessage.Encode(Encoding.UTF8.GetBytes(json)));
        LeasedMessage message = await rig.Open().ReadOneAsync();
        // The message need not be held any longer.
        await message.ReturnAsync(TimeSpan.Zero, Cancellation);
        return message;
    }
}
