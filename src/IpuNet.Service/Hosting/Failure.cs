using System.Net.Sockets;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Azure;
using Azure.Identity;
using IpuNet.Contract;
using Microsoft.Extensions.Options;
using Microsoft.ML.OnnxRuntime;
using Polly.CircuitBreaker;

namespace IpuNet.Service.Hosting;

/// <summary>The error that ended a program, as one line for the user.</summary>
/// <param name="Text">What went wrong and the way out: one line, without keys or signatures.</param>
/// <param name="IsInternal">Whether the error is unexpected: a bug in the program.</param>
public sealed partial record Failure(string Text, bool IsInternal)
{
    /// <summary>The exit code of a program that a bug ended: EX_SOFTWARE of sysexits.h.</summary>
    public const int InternalExitCode = 70;

    private const string More = "Run again with --verbose for details.";

    /// <summary>Describes an exception.</summary>
    public static Failure Of(Exception error)
    {
        Exception cause = CauseOf(error);
        bool isInternal = TextOf(cause) is null;
        string text = TextOf(cause)
            ?? $"Internal error: {cause.GetType().Name}: {FirstLine(cause.Message)} Run again with --verbose and report the output.";
        return new Failure(WithoutSecrets(OneLine(text)), isInternal);
    }

    /// <summary>All details of an exception, for developers: many lines, without keys or signatures.</summary>
    public static string Trace(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return WithoutSecrets(error.ToString());
    }

    /// <summary>
    /// Makes an unhandled exception of any thread end the process like any other error: with one line and an exit code, without a dump.
    /// </summary>
    /// <param name="say">Reports the exception.</param>
    /// <param name="exitCode">The exit code of failures that are not bugs.</param>
    public static void EndProcessQuietly(Action<Exception> say, int exitCode) =>
        AppDomain.CurrentDomain.UnhandledException += (_, unhandled) =>
        {
            var error = (Exception)unhandled.ExceptionObject;
            say(error);
            Environment.Exit(Of(error).IsInternal ? InternalExitCode : exitCode);
        };

    // Unwraps exceptions that only carry another one.
    private static Exception CauseOf(Exception error) => error switch
    {
        AggregateException { InnerExceptions: [var first, ..] } => CauseOf(first),
        TypeInitializationException or TargetInvocationException when error.InnerException is { } inner => CauseOf(inner),
        _ => error,
    };

    private static string? TextOf(Exception cause) => cause switch
    {
        FaceDataException or JobRefusedException or IOException or UnauthorizedAccessException or InvalidDataException => cause.Message,
        OptionsValidationException options => string.Join("; ", options.Failures),
        RequestFailedException { Status: 0 } =>
            $"Storage cannot be reached: {FirstLine(cause.Message)} Check the address and the network; locally, is `ipunet up` running?",
        RequestFailedException refused =>
            $"Storage refused a request ({refused.Status} {refused.ErrorCode}): {FirstLine(refused.Message)} Try again. {More}",
        AuthenticationFailedException =>
            $"No identity to sign in with: {FirstLine(cause.Message)} In Azure, give the app a managed identity; elsewhere, "
            + "sign in with `az login`.",
        BrokenCircuitException => "Storage does not answer. Try again later; `ipunet status` shows whether it can be reached.",
        HttpRequestException or SocketException or TimeoutException =>
            $"{FirstLine(cause.Message)} Check the network and try again. {More}",
        OperationCanceledException => $"The operation took too long or was cancelled: {FirstLine(cause.Message)} Try again. {More}",
        OutOfMemoryException => "There is not enough memory. Close other programs, process less at once, or use a machine with more.",
        DllNotFoundException =>
            $"The library '{LibraryIn(cause.Message)}', or a library that it needs, cannot be loaded. Install IpuNet for this platform "
            + $"again, with the packages that its README lists. {More}",
        BadImageFormatException =>
            $"A library is damaged or for another platform: {FirstLine(cause.Message)} Install IpuNet for this platform again.",
        OnnxRuntimeException => $"ONNX Runtime: {FirstLine(cause.Message)} Check the model with `ipunet models verify`. {More}",
        ExternalException => $"Torch: {FirstLine(cause.Message)} {More}",
        JsonException => $"The JSON is damaged or from another version: {FirstLine(cause.Message)} {More}",
        _ => null,
    };

    private static string LibraryIn(string message) =>
        LibraryPattern().Match(message) is { Success: true } match ? match.Groups["name"].Value : FirstLine(message);

    private static string FirstLine(string message)
    {
        string line = message.AsSpan().Trim().ToString().Split('\n')[0].TrimEnd();
        return line.EndsWith('.') || line.Length == 0 ? line : line + ".";
    }

    private static string OneLine(string text) =>
        string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static string WithoutSecrets(string text) => SecretPattern().Replace(text, "${name}***");

    [GeneratedRegex("'(?<name>[^']+)'", RegexOptions.CultureInvariant)]
    private static partial Regex LibraryPattern();

    // Shared access signatures, keys in connection strings, and request signatures.
    [GeneratedRegex(
        @"(?<name>\b(?:sig|AccountKey|SharedAccessSignature|SharedAccessKey|Authorization|client_secret|password)\s*[=:]\s*)[^;&""'\r\n]+",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex SecretPattern();
}
