using IpuNet.Contract;

namespace IpuNet.Testing;

/// <summary>What tests need of npm: fetched by the first test that asks, and once, however many test programs run.</summary>
/// <param name="fetch">Gives its path; several processes may ask at once.</param>
public sealed class FetchedByNpm(Func<Task<string>> fetch)
{
    private readonly Lazy<Task<string>> _path = new(() => Task.Run(fetch));

    /// <summary>The path. Skips the test with a reason if npm is missing or fails.</summary>
    public async Task<string> PathAsync()
    {
        try
        {
            return await _path.Value;
        }
        catch (FaceDataException e)
        {
            Assert.Skip($"npm has to fetch what this test needs. {e.Message}");
            throw;
        }
    }
}
