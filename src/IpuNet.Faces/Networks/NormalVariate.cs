namespace IpuNet.Faces.Networks;

/// <summary>Standard normal random numbers, which the platform does not have.</summary>
public static class NormalVariate
{
    /// <summary>The next number of mean 0 and deviation 1 (Box and Muller 1958).</summary>
    public static double Next(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }
}
