using IpuNet.Service.Messages;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Enrolment;

/// <summary>What the enrolment logs: no id of a subject and no image's name.</summary>
internal static partial class EnrolmentLog
{
    [LoggerMessage(1, LogLevel.Information, "Enrolment {Job} ({Action}): {Status}.")]
    public static partial void Done(this ILogger logger, string job, EnrolmentAction action, EnrolmentStatus status);
}
