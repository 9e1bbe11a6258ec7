using System.ComponentModel;
using System.Diagnostics;
using IpuNet.Contract;

namespace IpuNet.LocalCloud.Npm;

/// <summary>Runs a program to its end.</summary>
public static class ProcessRun
{
    /// <summary>Runs a program that must end with exit code 0.</summary>
    /// <param name="program">The program.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="folder">The working directory.</param>
    /// <param name="remedy">The advice if the program is missing.</param>
    /// <param name="cancellation">Ends the program.</param>
    /// <returns>The standard output.</returns>
    /// <exception cref="FaceDataException">The program is missing, or failed.</exception>
    public static async Task<string> RequireAsync(
        string program, IReadOnlyList<string> arguments, string folder, string remedy, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception missing)
        {
            throw new FaceDataException($"{program} cannot be started: {missing.Message}. {remedy}", missing);
        }

        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation);
            Task<string> errors = process.StandardError.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode == 0
                ? await output
                : throw new FaceDataException($"`{program} {string.Join(' ', arguments)}` in {folder} failed: {(await errors).Trim()}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
