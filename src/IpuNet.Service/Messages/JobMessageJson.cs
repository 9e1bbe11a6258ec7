using System.Text.Json.Serialization;

namespace IpuNet.Service.Messages;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(FaceBatchMessage))]
[JsonSerializable(typeof(EnrolmentMessage))]
[JsonSerializable(typeof(RetrainingMessage))]
[JsonSerializable(typeof(MessageReference))]
[JsonSerializable(typeof(MessageStamp))]
[JsonSerializable(typeof(JobStamp))]
internal sealed partial class JobMessageJson : JsonSerializerContext;

/// <summary>What is read of a message before the message itself.</summary>
internal sealed record MessageStamp(int? Schema, string? Reference, string? Traceparent, DateTimeOffset? SentAt);

/// <summary>What is read of a job that cannot be read, so that whoever waits for its answer gets one.</summary>
internal sealed record JobStamp(string? JobId);
