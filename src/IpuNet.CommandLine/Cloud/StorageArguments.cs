using System.CommandLine;
using System.Text.RegularExpressions;
using Azure;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.LocalCloud;
using IpuNet.Service.Storage;

namespace IpuNet.CommandLine.Cloud;

/// <summary>The options that name a command's storage account.</summary>
public sealed partial class StorageArguments
{
    private const string Variable = $"{StorageOptions.Section}__{nameof(StorageOptions.ConnectionString)}";
    private const int NotFound = 404;

    // A user at a terminal should learn soon that storage does not answer.
    private const int FirstRetries = 2;

    private readonly Terminal _terminal;

    private readonly Option<string?> _connectionString = new("--connection-string")
    {
        Description = $"Connection string of the storage account. Default: ${Variable}, or the local cloud that `ipunet up` runs.",
        HelpName = "TEXT",
    };

    private readonly Option<string?> _account = new("--account")
    {
        Description = "Name of a storage account in Azure. Uses your sign-in (`az login`).",
        HelpName = "NAME",
    };

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="terminal">Shows when the command waits for storage.</param>
    public StorageArguments(Command command, Terminal terminal)
    {
        _terminal = terminal;
        command.Options.Add(_connectionString);
        command.Options.Add(_account);
        _account.Refuse(_connectionString);
    }

    /// <summary>The options.</summary>
    public IReadOnlyList<Option> All => [_connectionString, _account];

    /// <summary>
    /// Uses the account. The first request is retried a few times only. Later requests are retried for as long as a service does, because a
    /// local cloud may restart its storage.
    /// </summary>
    /// <exception cref="FaceDataException">No account is named, or it cannot be used; the message says why.</exception>
    public async Task<int> UseAsync(ParseResult parsed, Func<StorageAccount, Task<int>> use, CancellationToken cancellation)
    {
        var first = new StorageAccount(Options(parsed, FirstRetries));
        await UseAsync(first, account => account.Container(StorageNames.Uploads).ExistsAsync(cancellation));
        return await UsePatientlyAsync(parsed, use);
    }

    /// <summary>Uses the account without a user at the terminal: every request is retried for as long as a service does.</summary>
    /// <exception cref="FaceDataException">No account is named, or it cannot be used; the message says why.</exception>
    public async Task<int> UsePatientlyAsync(ParseResult parsed, Func<StorageAccount, Task<int>> use)
    {
        using var logs = new TerminalLogs(_terminal, verbose: false);
        return await UseAsync(
            new StorageAccount(Options(parsed, new StorageOptions().Retries), logs.CreateLogger(nameof(StorageAccount))), use);
    }

    /// <summary>Uses an account.</summary>
    /// <exception cref="FaceDataException">The account cannot be used; the message says why.</exception>
    public static async Task<T> UseAsync<T>(StorageAccount account, Func<StorageAccount, Task<T>> use)
    {
        try
        {
            return await use(account);
        }
        catch (RequestFailedException missing)
            when (missing.Status == NotFound && missing.ErrorCode is "ContainerNotFound" or "QueueNotFound")
        {
            throw new FaceDataException(
                $"The storage account at {account.Address} lacks a container or queue ({missing.ErrorCode}). Deploy the infrastructure, "
                + "or run `ipunet up`, which creates them locally.",
                missing);
        }
        catch (Exception error) when (StorageCheck.Describe(error, account) is { } description)
        {
            throw new FaceDataException(description, error);
        }
    }

    [GeneratedRegex("^[a-z0-9]{3,24}$", RegexOptions.CultureInvariant)]
    private static partial Regex AccountName();

    private StorageOptions Options(ParseResult parsed, int retries)
    {
        if (parsed.GetValue(_account) is { } name)
        {
            if (!AccountName().IsMatch(name))
                throw new UsageException($"--account must be 3 to 24 lower-case letters and digits, not '{name}'.");
            return new StorageOptions
            {
                BlobEndpoint = new Uri($"https://{name}.blob.core.windows.net"),
                QueueEndpoint = new Uri($"https://{name}.queue.core.windows.net"),
                Retries = retries,
            };
        }

        string connectionString = parsed.GetValue(_connectionString)
            ?? (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } configured ? configured : LocalCloudFile.Read())
            ?? throw new FaceDataException(
                "No storage account is named and no local cloud is running. Start one with `ipunet up`, or name an account with "
                + "--account or --connection-string.");
        return new StorageOptions { ConnectionString = connectionString, Retries = retries };
    }
}
