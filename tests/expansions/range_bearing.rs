#[differentiable(wrt(pose))]
fn range_bearing(pose: &[f64; 3], landmark: &[f64; 2]) -> [f64; 2] {
    let (dx, dy) = (landmark[0] - pose[0], landmark[1] - pose[1]);
    [(dx * dx + dy * dy).sqrt(), dy.atan2(dx) - pose[2]]
}
