using System.Net.Sockets;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Azure;
using Azure.Identity;
using IpuNet.Faces;
using IpuNet.Service.Messages;
using Microsoft.Extensions.Options;
using Microsoft.ML.OnnxRuntime;
using Polly.CircuitBreaker;

namespace IpuNet.Service.Hosting;

/// <summary>What ended a program, told in one line to whoever started it.</summary>
/// <param name="Text">What went wrong and the way out: one line, without keys or signatures.</param>
/// <param name="IsInternal">Whether nobody had thought of it: a mistake of the program itself.</param>
public sealed partial record Failure(string Text, bool IsInternal)
{
    /// <summary>Exit code of a program that was ended by a mistake of its own: EX_SOFTWARE of sysexits.h.</summary>
    public const int InternalExitCode = 70;

    private const string More = "--verbose says more.";

    /// <summary>What an exception means.</summary>
    public static Failure Of(Exception error)
    {
        Exception cause = CauseOf(error);
        bool isInternal = TextOf(cause) is null;
        string text = TextOf(cause) ?? $"Internal error: {cause.GetType().Name}: {FirstLine(cause.Message)} Run again with --verbose and report what it says.";
        return new Failure(WithoutSecrets(OneLine(text)), isInternal);
    }

    /// <summary>All that is known of an exception, for whoever looks for its cause: many lines, without keys or signatures.</summary>
    public static string Trace(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return WithoutSecrets(error.ToString());
    }

    /// <summary>Has an exception that nobody catches, of whatever thread, end the process like any other: with a line and an exit code, not with a dump.</summary>
    /// <param name="say">Tells it.</param>
    /// <param name="exitCode">The exit code of failures that are no mistake of the program.</param>
    public static void EndProcessQuietly(Action<Exception> say, int exitCode) => AppDomain.CurrentDomain.UnhandledException += (_, unhandled) =>
    {
        var error = (Exception)unhandled.ExceptionObject;
        say(error);
        Environment.Exit(Of(error).IsInternal ? InternalExitCode : exitCode);
    };

    // What was packed into others on its way.
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
        RequestFailedException { Status: 0 } => $"Storage cannot be reached: {FirstLine(cause.Message)} Check the address and the network; locally, is `ipunet up` running?",
        RequestFailedException refused => $"Storage refused a request ({refused.Status} {refused.ErrorCode}): {FirstLine(refused.Message)} Try again; {More}",
        AuthenticationFailedException => $"There is no identity to sign in with: {FirstLine(cause.Message)} In Azure, give the app a managed identity; elsewhere, sign in with `az login`.",
        BrokenCircuitException => "Storage did not answer for a while. Try again later; `ipunet status` says whether it is there.",
        HttpRequestException or SocketException or TimeoutException => $"{FirstLine(cause.Message)} Check the network and try again; {More}",
        OperationCanceledException => $"It took too long, or was stopped from within: {FirstLine(cause.Message)} Try again; {More}",
        OutOfMemoryException => "There is not enough memory. Close other programs, give less at once, or take a machine with more.",
        DllNotFoundException => $"The library '{LibraryIn(cause.Message)}', or one that it needs, cannot be loaded. Install IpuNet for this platform anew, with what its README asks for; {More}",
        BadImageFormatException => $"A library is damaged or of another platform: {FirstLine(cause.Message)} Install IpuNet for this platform anew.",
        OnnxRuntimeException => $"ONNX Runtime: {FirstLine(cause.Message)} Check the model with `ipunet models verify`; {More}",
        ExternalException => $"Torch: {FirstLine(cause.Message)} {More}",
        JsonException => $"What should be JSON is damaged, or of another version: {FirstLine(cause.Message)} {More}",
        _ => null,
    };

    private static string LibraryIn(string message) => LibraryPattern().Match(message) is { Success: true } match ? match.Groups["name"].Value : FirstLine(message);

    private static string FirstLine(string message)
    {
        string line = message.AsSpan().Trim().ToString().Split('\n')[0].TrimEnd();
        return line.EndsWith('.') || line.Length == 0 ? line : line + ".";
    }

    private static string OneLine(string text) => string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static string WithoutSecrets(string text) => SecretPattern().Replace(text, "${name}***");

    [GeneratedRegex("'(?<name>[^']+)'", RegexOptions.CultureInvariant)]
    private static partial Regex LibraryPattern();

    // A shared access signature, a key of a connection string, and what a request was signed with.
    [GeneratedRegex(@"(?<name>\b(?:sig|AccountKey|SharedAccessSignature|SharedAccessKey|Authorization|client_secret|password)\s*[=:]\s*)[^;&""'\r\n]+", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex SecretPattern();
}
