using IpuNet.Service.Enrolment;
using IpuNet.Service.Hosting;
using IpuNet.Service.Intake;
using IpuNet.Service.Retraining;
using IpuNet.Service.Upkeep;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace IpuNet.Service.Tests.Hosting;

public sealed class UpkeepServicesTests
{
    public static TheoryData<Type> Called() =>
    [
        typeof(UploadIntake), typeof(FailedUploads), typeof(EnrolmentIntake), typeof(QueueWatch), typeof(RetrainingSchedule),
        typeof(BatchRetention), typeof(UploadSweep),
    ];

    [Theory]
    [MemberData(nameof(Called))]
    public void AddIpuNetUpkeep_HasWhatTheFunctionsCall(Type service)
    {
        using IHost host = Build(("Storage:ConnectionString", "UseDevelopmentStorage=true"));

        host.Services.GetRequiredService(service).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("Retention:Days", "-1")]
    [InlineData("Retraining:Experiment", "")]
    public void AddIpuNetUpkeep_WithAnOptionOutOfRange_NamesIt(string option, string value)
    {
        using IHost host = Build(("Storage:ConnectionString", "UseDevelopmentStorage=true"), (option, value));

        Should.Throw<OptionsValidationException>(
            () => host.Services.GetRequiredService<IStartupValidator>().Validate()).Message.ShouldContain(option.Split(':')[1]);
    }

    private static IHost Build(params (string Name, string Value)[] settings)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        foreach (var (name, value) in settings)
            builder.Configuration[name] = value;
        builder.Services.AddIpuNetUpkeep(builder.Configuration);
        return builder.Build();
    }
}
