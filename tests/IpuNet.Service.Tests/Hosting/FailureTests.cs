using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using Azure;
using IpuNet.Contract;
using IpuNet.Service.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.ML.OnnxRuntime;

namespace IpuNet.Service.Tests.Hosting;

public sealed class FailureTests
{
    // Only the runtime throws some of these; the test creates them to describe them.
#pragma warning disable CA2201
    public static TheoryData<string, Exception, bool> Kinds => new()
    {
        { "ada.png is no image.", new FaceDataException("ada.png is no image."), false },
        { "first", new AggregateException(new AggregateException(new FaceDataException("first")), new FaceDataException("second")), false },
        { "inner", new TypeInitializationException("T", new FaceDataException("inner")), false },
        { "inner", new TargetInvocationException(new IOException("inner")), false },
        { "not enough memory", new OutOfMemoryException(), false },
        {
            "The library 'libgomp.so.1'",
            new DllNotFoundException("Unable to load shared library 'libgomp.so.1' or one of its dependencies.\nlibgomp.so.1: cannot open"),
            false
        },
        {
            "Storage refused a request (404 BlobNotFound): The blob is gone.",
            new RequestFailedException(404, "The blob is gone.\nHeaders:\nServer: x", "BlobNotFound", null),
            false
        },
        { "Storage cannot be reached", new RequestFailedException("Connection refused (127.0.0.1:1)"), false },
        {
            "Torch: mat1 and mat2 shapes cannot be multiplied.",
            new ExternalException("mat1 and mat2 shapes cannot be multiplied\nException raised from meta at x.cpp:1\nframe #0"),
            false
        },
        { "JSON", new JsonException("'{' is an invalid start."), false },
        { "--port is 1 to 65535.; --x", new OptionsValidationException("o", typeof(object), ["--port is 1 to 65535.", "--x"]), false },
        { "too long", new TaskCanceledException("The operation was canceled."), false },
        { "Internal error: NullReferenceException: It is null. Run again with --verbose", new NullReferenceException("It is null."), true },
        { "Internal error: ArgumentOutOfRangeException", new AggregateException(new ArgumentOutOfRangeException("minValue")), true },
        { "Internal error: TypeInitializationException", new TypeInitializationException("T", null), true },
    };
#pragma warning restore CA2201

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Of_EachKind_IsOneLineThatSaysWhat(string expected, Exception error, bool isInternal)
    {
        var failure = Failure.Of(error);

        failure.Text.ShouldContain(expected);
        failure.Text.ShouldNotContain("\n");
        failure.Text.ShouldNotContain("   at ");
        failure.IsInternal.ShouldBe(isInternal);
    }

    [Fact]
    public void Of_WhatOnnxRuntimeThrows_IsNoInternalError()
    {
        var error = Should.Throw<OnnxRuntimeException>(() => new InferenceSession([1, 2, 3]));

        Failure.Of(error).IsInternal.ShouldBeFalse();
        Failure.Of(error).Text.ShouldStartWith("ONNX Runtime: ");
    }

    [Theory]
    [InlineData("https://a.blob.core.windows.net/c/b?sv=2024&sig=c2VjcmV0%3D&se=1")]
    [InlineData("AccountName=a;AccountKey=c2VjcmV0;BlobEndpoint=http://x/")]
    [InlineData("Authorization: SharedKey a:c2VjcmV0")]
    public void OfAndTrace_WithAKeyOrASignature_LeaveItOut(string secret)
    {
        var error = new RequestFailedException(403, $"Refused {secret}");

        Failure.Of(error).Text.ShouldNotContain("c2VjcmV0");
        Failure.Of(new FaceDataException(secret)).Text.ShouldNotContain("c2VjcmV0");
        Failure.Trace(error).ShouldNotContain("c2VjcmV0");
    }

    [Fact]
    public void Trace_SaysWhereAnErrorComesFrom() =>
        Failure.Trace(Should.Throw<FaceDataException>(() => throw new FaceDataException("x"))).ShouldContain("   at ");
}
